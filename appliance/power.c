#include "appliance/power.h"

#include <fcntl.h>
#include <linux/input.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MOST_INPUTS 16

static int button = -1;

static bool
has_power_key(int input)
{
    unsigned char keys[KEY_MAX / 8 + 1] = {0};

    return ioctl(input, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 &&
           (keys[KEY_POWER / 8] & (1 << (KEY_POWER % 8))) != 0;
}

int
power_open(void)
{
    for (int i = 0; button < 0 && i < MOST_INPUTS; i++) {
        char path[32];
        int input;
        snprintf(path, sizeof path, "/dev/input/event%d", i);
        input = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (input >= 0 && has_power_key(input))
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
