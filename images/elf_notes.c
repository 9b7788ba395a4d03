#include "images/elf_notes.h"

#include "images/bytes.h"

#define TABLE_MAX 128 /* entries of a table that are looked at */
#define NOTES_MAX 4096
#define PROGRAM_NOTE 4
#define SECTION_NOTE 7
#define MACHINE_386 3
#define MACHINE_X86_64 62
#define CLASS_32 1
#define CLASS_64 2

/* XEN_ELFNOTE_ENTRY, XEN_ELFNOTE_HYPERCALL_PAGE, XEN_ELFNOTE_XEN_VERSION,
 * XEN_ELFNOTE_PHYS32_ENTRY */
#define NOTE_ENTRY 1
#define NOTE_HYPERCALL_PAGE 2
#define NOTE_XEN_VERSION 5
#define NOTE_PHYS32_ENTRY 18

typedef struct {
    const guint8 *data;
    gsize length;
    gboolean wide; /* an ELF of 64 bits */
    guint32 seen;  /* a bit for each of Xen's notes, by number */
    gboolean guest;
    gboolean cut; /* what may hold notes isn't all there */
} reader;

/* A table of the ELF's: where its entries are. */
typedef struct {
    guint64 at;
    guint size, count;
} table;

static guint64
word(const reader *self, guint64 at)
{
    return self->wide ? le64(self->data + at) : le32(self->data + at);
}

static gboolean
is_inside(const reader *self, guint64 at, guint64 size)
{
    return at <= self->length && size <= self->length - at;
}

static guint64
padded(guint64 size)
{
    return (size + 3) & ~(guint64)3;
}

/* Each note: sizes of name and content, type, name, content; both padded to four bytes. */
static void
read_notes(reader *self, guint64 at, guint64 size)
{
    guint64 end;

    self->cut |= !is_inside(self, at, size);
    if (at >= self->length)
        return;
    end = at + MIN(size, self->length - at);
    for (int i = 0; i < NOTES_MAX && end - at >= 12; i++) {
        guint64 name = padded(le32(self->data + at));
        guint64 content = padded(le32(self->data + at + 4));
        guint32 type = le32(self->data + at + 8);
        at += 12;
        if (name > end - at || content > end - at - name)
            return;
        if (bytes_stand_at(self->data + at, (gsize)name, 0, "Xen", 4) && type < 32)
            self->seen |= 1u << type;
        at += name + content;
    }
}

static void
read_programs(reader *self, const table *programs)
{
    for (guint i = 0; i < MIN(programs->count, TABLE_MAX); i++) {
        guint64 at = programs->at + (guint64)i * programs->size;
        if (!is_inside(self, at, self->wide ? 56 : 32))
            return;
        if (le32(self->data + at) == PROGRAM_NOTE)
            read_notes(self, word(self, at + (self->wide ? 8 : 4)),
                       word(self, at + (self->wide ? 32 : 16)));
    }
}

/* Kernels of before 2.6.24 for Xen had a string in a section of this name in place of notes. */
static void
look_for_guest_section(reader *self, guint64 names, guint64 size)
{
    static const char name[] = "__xen_guest";

    self->cut |= !is_inside(self, names, size);
    if (names < self->length)
        self->guest |= bytes_hold(self->data + names,
                                  (gsize)MIN(MIN(size, self->length - names), 65536), name);
}

static void
read_sections(reader *self, const table *sections, guint names)
{
    for (guint i = 0; i < MIN(sections->count, TABLE_MAX); i++) {
        guint64 at = sections->at + (guint64)i * sections->size;
        guint64 where, size;
        self->cut |= !is_inside(self, at, self->wide ? 64 : 40);
        if (self->cut)
            return;
        where = word(self, at + (self->wide ? 24 : 16));
        size = word(self, at + (self->wide ? 32 : 20));
        if (le32(self->data + at + 4) == SECTION_NOTE)
            read_notes(self, where, size);
        if (i == names)
            look_for_guest_section(self, where, size);
    }
}

static gboolean
is_x86(const guint8 *data, gsize length)
{
    return bytes_stand_at(data, length, 0,
                          "\x7f"
                          "ELF",
                          4) &&
           length >= 52 && data[5] == 1 /* little-endian */ &&
           ((data[4] == CLASS_64 && length >= 64 && le16(data + 18) == MACHINE_X86_64) ||
            (data[4] == CLASS_32 && le16(data + 18) == MACHINE_386));
}

gboolean
elf_notes_read(const guint8 *data, gsize length, elf_notes *self)
{
    reader elf = {.data = data, .length = length};
    const guint8 *rest;
    table programs, sections;

    *self = (elf_notes){0};
    if (!is_x86(data, length))
        return FALSE;
    elf.wide = data[4] == CLASS_64;
    rest = data + (elf.wide ? 54 : 42); /* e_phentsize and what follows */
    programs = (table){word(&elf, elf.wide ? 32 : 28), le16(rest), le16(rest + 2)};
    sections = (table){word(&elf, elf.wide ? 40 : 32), le16(rest + 4), le16(rest + 6)};
    if (!is_inside(&elf, programs.at, (guint64)programs.size * programs.count))
        return FALSE;
    read_programs(&elf, &programs);
    read_sections(&elf, &sections, le16(rest + 8));
    if (elf.cut)
        return FALSE;
    self->bits = elf.wide ? 64 : 32;
    self->guest = elf.guest;
    self->pv = (elf.seen & 1u << NOTE_XEN_VERSION) != 0 &&
               (elf.seen & (1u << NOTE_ENTRY | 1u << NOTE_HYPERCALL_PAGE)) != 0;
    self->pv |= elf.guest;
    self->pvh = (elf.seen & 1u << NOTE_PHYS32_ENTRY) != 0;
    return TRUE;
}
