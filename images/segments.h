/* Which parts of a file hold data, and which are holes. */
#ifndef IMAGES_SEGMENTS_H
#define IMAGES_SEGMENTS_H

#include <glib.h>

/* The runs of data (tar_segment, in order) of the open file FD of SIZE bytes, without small gaps;
 * where the file system doesn't tell, all is one run. An empty one at the end if the file ends with
 * a hole. STORED gets how much they hold in all. The caller unrefs it. */
GArray *segments_find(int fd, guint64 size, guint64 *stored);

#endif
