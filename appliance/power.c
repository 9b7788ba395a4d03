#include "appliance/power.h"

#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST_INPUTS 16

static int button = -1;

/* As Linux's ACPI driver calls it. A keyboard that nobody has may have a power key, too. */
static bool
is_button(int input)
{
    char name[64] = "";

    return ioctl(input, EVIOCGNAME(sizeof name - 1), name) >= 0 &&
           strcmp(name, "Power Button") == 0;
}

int
power_open(void)
{
    for (int i = 0; button < 0 && i < MOST_INPUTS; i++) {
        char path[32];
        int input;
        snprintf(path, sizeof path, "/dev/input/event%d", i);
        input = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (input >= 0 && is_button(input))
            button = input;
        else if (input >= 0)
            close(input);
    }
    return button;
}

bool
power_pressed(void)
{
    struct input_event event;
    bool pressed = false;

    while (button >= 0 && read(button, &event, sizeof event) == sizeof event)
        pressed |= event.type == EV_KEY && event.code == KEY_POWER && event.value == 1;
    return pressed;
}
