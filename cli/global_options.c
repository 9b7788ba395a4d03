#include "cli/global_options.h"

global_values given;

#define TEXT(name, member, what, text)                                                             \
    {                                                                                              \
        name, 0, 0, G_OPTION_ARG_STRING, (gpointer)&given.finding.member, text, what               \
    }
#define FLAG(name, letter, member, text)                                                           \
    {                                                                                              \
        name, letter, 0, G_OPTION_ARG_NONE, &given.member, text, NULL                              \
    }

const GOptionEntry global_options[] = {
    TEXT("connect", connect, "URI", "libvirt to use (AMILAUNCH_CONNECT)"),
    TEXT("home", home, "DIR", "where all is kept (AMILAUNCH_HOME)"),
    TEXT("config", config, "FILE", "configuration instead of HOME/amilaunch.conf"),
    TEXT("region", region, "REGION", "region to be in"),
    TEXT("account", account, "ID", "account to act as: 12 digits"),
    FLAG("json", 0, json, "print what EC2's Describe calls print"),
    FLAG("verbose", 'v', verbose, "say what is being done"),
    FLAG("help", 'h', help, "show help and leave"),
    FLAG("version", 0, version, "show the version and leave"),
    {NULL},
};
