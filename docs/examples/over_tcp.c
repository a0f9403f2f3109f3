/* A program around a firmware: a device port over TCP, one process for each bench that comes (docs/device-port.md). */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void device(const char *event, const char *(*say)(const char *line));

static FILE *from, *to;

static const char *say(const char *line) {
    static char answer[4096];
    fprintf(to, "%s\n", line);
    if (strncmp(line, "read ", 5) && strncmp(line, "model ", 6)) return "";
    fflush(to);
    if (!fgets(answer, sizeof answer, from)) exit(1);
    return answer;
}

int main(int count, char **arguments) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    char event[4096];
    here.sin_port = htons((unsigned short)(count > 1 ? atoi(arguments[1]) : 5025));
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(door, (struct sockaddr *)&here, sizeof here) || listen(door, 8)) return perror("cannot listen"), 1;
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int line = accept(door, NULL, NULL);
        if (line >= 0 && fork() == 0) {
            from = fdopen(line, "r"), to = fdopen(dup(line), "w");
            while (fgets(event, sizeof event, from)) {
                device(event, say);
                fprintf(to, "done\n");
                fflush(to);
            }
            return 0;
        }
        close(line);
    }
}
