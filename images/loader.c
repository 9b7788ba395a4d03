#include "images/loader.h"

#include "images/grub_cfg.h"

#include <string.h>

static const char *const kind_texts[LOADER_KINDS] = {"menu.lst", "grub.cfg", "extlinux"};

static const loader_place places[] = {
    {LOADER_MENU_LST, TRUE, "/boot/grub/menu.lst"},
    {LOADER_MENU_LST, TRUE, "/grub/menu.lst"},
    {LOADER_MENU_LST, FALSE, "/boot/grub/grub.conf"},
    {LOADER_MENU_LST, FALSE, "/grub/grub.conf"},
    {LOADER_GRUB_CFG, FALSE, "/boot/grub/grub.cfg"},
    {LOADER_GRUB_CFG, FALSE, "/boot/grub2/grub.cfg"},
    {LOADER_GRUB_CFG, FALSE, "/grub/grub.cfg"},
    {LOADER_GRUB_CFG, FALSE, "/grub2/grub.cfg"},
    {LOADER_EXTLINUX, FALSE, "/boot/extlinux/extlinux.conf"},
    {LOADER_EXTLINUX, FALSE, "/boot/syslinux/syslinux.cfg"},
    {LOADER_EXTLINUX, FALSE, "/extlinux/extlinux.conf"},
    {LOADER_EXTLINUX, FALSE, "/extlinux.conf"},
    {LOADER_EXTLINUX, FALSE, "/syslinux/syslinux.cfg"},
    {LOADER_EXTLINUX, FALSE, "/syslinux.cfg"},
};

static void
replace(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

const loader_place *
loader_places(gsize *count)
{
    *count = G_N_ELEMENTS(places);
    return places;
}

void
loader_facts_take_entry(loader_facts *self, const menu_entry *entry)
{
    replace(&self->title, entry->title);
    if (entry->root != NULL)
        replace(&self->root, entry->root);
    replace(&self->kernel, entry->kernel);
    replace(&self->arguments, entry->arguments);
    replace(&self->initrd, entry->initrd);
    replace(&self->chain, entry->kernel == NULL ? entry->chain : NULL);
    g_ptr_array_set_size(self->modules, 0);
    for (guint i = 0; i < entry->modules->len; i++)
        g_ptr_array_add(self->modules, g_strdup(entry->modules->pdata[i]));
}

static void
note_unknown(loader_facts *self, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(self->unknown, name, g_str_equal, NULL))
        g_ptr_array_add(self->unknown, g_strdup(name));
}

void
loader_facts_take_menu(loader_facts *self, const menu_lst *menu)
{
    for (guint i = 0; i < menu->unknown->len; i++)
        note_unknown(self, menu->unknown->pdata[i]);
    g_clear_pointer(&self->timeout, g_free);
    if (menu->timeout >= 0)
        self->timeout = g_strdup_printf("%d", menu->timeout);
}

static void
read_menu_lst(loader_facts *self, const char *text, gsize length)
{
    g_autoptr(menu_lst) menu = menu_lst_parse(text, length);
    const menu_entry *entry = menu_lst_choose(menu, NULL, NULL, &self->way);

    loader_facts_take_menu(self, menu);
    if (entry != NULL)
        loader_facts_take_entry(self, entry);
}

static void
read_grub_cfg(loader_facts *self, const char *text, gsize length, const char *saved)
{
    g_autoptr(grub_entry) entry = grub_cfg_default(text, length, saved);

    if (entry == NULL)
        return;
    self->title = g_strdup(entry->title);
    self->kernel = g_strdup(entry->kernel);
    self->arguments = g_strdup(entry->arguments);
    if (entry->initrds->len == 0)
        return;
    g_ptr_array_add(entry->initrds, NULL);
    self->initrd = g_strjoinv(" ", (char **)entry->initrds->pdata);
}

loader_facts *
loader_facts_read(loader_kind kind, const char *path, guint partition, const char *text,
                  gsize length, const char *saved)
{
    loader_facts *self = loader_facts_new();

    self->path = g_strdup(path);
    self->partition = partition;
    self->kind = g_strdup(kind_texts[kind]);
    if (kind == LOADER_MENU_LST)
        read_menu_lst(self, text, length);
    else if (kind == LOADER_GRUB_CFG)
        read_grub_cfg(self, text, length, saved);
    return self;
}

/* The block is lines NAME=VALUE, filled up with "#" (GNU GRUB manual, "The GRUB environment
 * block"). */
char *
loader_saved_entry(const char *text, gsize length)
{
    g_autofree char *all = g_strndup(text, length);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);

    for (int i = 0; lines[i] != NULL; i++)
        if (g_str_has_prefix(lines[i], "saved_entry=") && strchr(lines[i], '=')[1] != '\0')
            return g_strdup(strchr(lines[i], '=') + 1);
    return NULL;
}

loader_facts *
loader_choose(loader_facts *const found[LOADER_KINDS], const char *boot_code,
              partition_scheme scheme)
{
    /* No boot code and no partitions: that is PV-GRUB's kind of disk. */
    gboolean legacy =
        boot_code == NULL ? scheme == PARTITIONS_NONE : g_str_equal(boot_code, "GRUB Legacy");
    gboolean extlinux = g_strcmp0(boot_code, "syslinux") == 0;
    loader_kind first = extlinux ? LOADER_EXTLINUX : legacy ? LOADER_MENU_LST : LOADER_GRUB_CFG;

    if (found[first] != NULL)
        return found[first];
    for (int i = 0; i < LOADER_KINDS; i++)
        if (found[i] != NULL)
            return found[i];
    return NULL;
}
