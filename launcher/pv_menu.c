#include "launcher/pv_menu.h"

#include <string.h>

/* PV-GRUB tries the first four partitions. */
#define MOST_PARTITION 4

/* Inspections of before told what a menu says of the one that they chose only. */
static const loader_facts *
as_understood(const image_facts *facts, const loader_facts *menu)
{
    const loader_facts *chosen = facts->loader;

    return menu->kernel == NULL && chosen != NULL && chosen->partition == menu->partition &&
                   g_strcmp0(chosen->path, menu->path) == 0
               ? chosen
               : menu;
}

static gboolean
is_menu_lst(const loader_facts *menu)
{
    return g_str_has_suffix(menu->path, "/menu.lst"); /* grub.conf only GRUB itself reads */
}

const loader_facts *
pv_menu_find(const image_facts *facts, gboolean partitioned)
{
    for (guint i = 0; i < facts->menu_lsts->len; i++) {
        const loader_facts *menu = g_ptr_array_index(facts->menu_lsts, i);
        if (!is_menu_lst(menu))
            continue;
        if (partitioned ? menu->partition >= 1 && menu->partition <= MOST_PARTITION
                        : menu->partition == 0)
            return as_understood(facts, menu);
    }
    return NULL;
}

const loader_facts *
pv_menu_direct(const image_facts *facts)
{
    const loader_facts *first = NULL;

    for (guint i = 0; i < facts->menu_lsts->len; i++) {
        const loader_facts *menu = g_ptr_array_index(facts->menu_lsts, i);
        if (g_strcmp0(menu->kernel_found, "yes") == 0)
            return menu;
        if (first == NULL || first->kernel == NULL)
            first = as_understood(facts, menu);
    }
    return first;
}

/* "(hd0,0)/boot/vmlinuz" without its device. */
static const char *
without_device(const char *path)
{
    const char *end = path[0] == '(' ? strchr(path, ')') : NULL;

    return end != NULL ? end + 1 : path;
}

/* /boot may be a file system of its own. */
static gboolean
is_same_file(const char *one, const char *other)
{
    static const char boot[] = "/boot";

    if (g_str_has_prefix(one, "/boot/"))
        one += strlen(boot);
    if (g_str_has_prefix(other, "/boot/"))
        other += strlen(boot);
    return g_str_equal(one, other);
}

static gboolean
is_menus(const loader_facts *menu, const kernel_facts *kernel)
{
    if (menu->kernel_path != NULL)
        return kernel->partition == menu->kernel_partition &&
               g_strcmp0(kernel->path, menu->kernel_path) == 0;
    return kernel->path != NULL && is_same_file(without_device(menu->kernel), kernel->path);
}

const kernel_facts *
menu_kernel(const image_facts *facts, const loader_facts *menu)
{
    for (guint i = 0; menu != NULL && menu->kernel != NULL && i < facts->kernels->len; i++) {
        const kernel_facts *kernel = g_ptr_array_index(facts->kernels, i);
        if (is_menus(menu, kernel))
            return kernel;
    }
    return NULL;
}

char *
argument_find(const char *arguments, const char *key)
{
    g_auto(GStrv) words = g_strsplit_set(arguments != NULL ? arguments : "", " \t", -1);
    gsize length = strlen(key);
    const char *found = NULL;

    for (gsize i = 0; words[i] != NULL; i++)
        if (strncmp(words[i], key, length) == 0 && words[i][length] == '=')
            found = words[i] + length + 1;
    return g_strdup(found);
}
