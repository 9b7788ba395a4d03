/* Where the files are that come with the program. */
#ifndef CONF_DATA_PATH_H
#define CONF_DATA_PATH_H

/* CHOSEN, if it isn't NULL; else FILE in $AMILAUNCH_DATADIR, in conf/ beside the running program
 * (as it is built), or where it is installed. The caller frees it. */
char *data_path(const char *chosen, const char *file);

/* A program of ours that isn't for people, or a file for one: in appliance/ or net/ beside the
 * running program (as it is built), or where it is installed. The caller frees it. */
char *program_path(const char *file);

#endif
