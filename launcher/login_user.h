/* As whom one logs in to an image's guests. Pure. */
#ifndef LAUNCHER_LOGIN_USER_H
#define LAUNCHER_LOGIN_USER_H

/* Never NULL. DISTRIBUTION: as image_facts has it; NAME: the image's. Either may be NULL.
 * Source: Amazon EC2 User Guide, "Default user names for AMIs", and what distributions say of
 * their own images. */
const char *login_user(const char *distribution, const char *name);

#endif
