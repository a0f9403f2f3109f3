/* A small firmware behind the device port (docs/device-port.md): sessions with ramps, and no protection at all. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static const char *(*bench)(const char *line), *state = "READY";
static long long now, began, ms;
static double slope = 1e-3;
static int confirmed, level;

static const char *say(const char *format, ...) {
    char line[300]; va_list values;
    va_start(values, format), vsnprintf(line, sizeof line, format, values), va_end(values);
    return bench(line);
}

static void ramp(const char *meanwhile, double amperes) {
    double way = fabs(amperes - atof(say("read current")));
    say("drive %.9g 0 1 1 %.9g", amperes, slope);
    say("timer arrived %lld", now + llround(way / slope * 1e9));
    state = meanwhile;
}

static void carry_out(const char *command, char *answer) {
    char site[25]; int wanted;
    if (!strcmp(command, "IDENTIFY")) strcpy(answer, "IDENTIFY Iontobench,REF-30,C0001,1.0.0");
    else if (!strcmp(command, "SELFTEST")) strcpy(answer, "SELFTEST passed");
    else if (!strcmp(command, "STATUS"))
        sprintf(answer, "STATUS %s %d + %lld NONE", state, level, (now - began) / 1000000);
    else if (!strcmp(command, "DISPLAY"))
        sprintf(answer, "DISPLAY %ld 100", lround(atof(say("read current")) * 1e4) * 100);
    else if (!strcmp(command, "CONFIRM")) confirmed = 1;
    else if (strstr(command, "STOP")) ramp("STOPPING", 0);
    else if (sscanf(command, "START %24s %d %lld dc", site, &wanted, &ms) != 3) strcpy(answer, "NAK 02 unknown");
    else if (wanted < 1 || wanted > 25) strcpy(answer, "NAK 04 no such level");
    else if (!confirmed) strcpy(answer, "NAK 06 exclude contraindications first");
    else {
        double step = *site == 'a' ? 0.5e-3 : 1e-3; /* armpits */
        slope = *site == 'a' ? 0.25e-3 : 1e-3, confirmed = 0, level = wanted, began = now;
        say("timer end %lld", now + ms * 1000000 - llround(level * step / slope * 1e9)); /* down again within it */
        ramp("RAMPING", level * step);
    }
}

static void answer_line(const char *line) { /* such as ":01 STATUS*E88D\n"; nobody looks at its checksum */
    char command[121] = "", answer[100] = "ACK", text[121], hex[242] = ""; unsigned sum = 0xFFFF;
    sscanf(line, ":%*2s %120[^*]", command), carry_out(command, answer);
    for (int bit = 0, bits = 8 * sprintf(text, "%.2s %s", line + 1, answer); bit < bits; bit++) {
        sum = bit % 8 ? sum : sum ^ (unsigned)text[bit / 8] << 8;
        sum = (sum << 1 ^ (sum & 0x8000 ? 0x1021 : 0)) & 0xFFFF;
    }
    for (int i = 0, count = sprintf(text, ":%.2s %s*%04X\n", line + 1, answer, sum); i < count; i++)
        sprintf(hex + 2 * i, "%02x", text[i]);
    say("send %s", hex);
}

void device(const char *event, const char *(*say_to_bench)(const char *line)) {
    static char line[121]; char what[10] = "", with[2100] = ""; unsigned byte;
    bench = say_to_bench, sscanf(event, "%lld %9s %2099s", &now, what, with);
    if (!strcmp(what, "power")) state = "READY", confirmed = level = 0;
    else if (!strcmp(what, "timer") && !strcmp(with, "end")) ramp("STOPPING", 0);
    else if (!strcmp(what, "timer")) state = *state == 'R' ? "RUNNING" : "ENDED";
    else if (!strcmp(what, "receive"))
        for (size_t i = 0; sscanf(with + 2 * i, "%2x", &byte) == 1; i++) {
            size_t used = byte == ':' ? 0 : strlen(line);
            if (used < sizeof line - 1) line[used] = (char)byte, line[used + 1] = 0;
            if (byte == '\n') answer_line(line);
        }
}
