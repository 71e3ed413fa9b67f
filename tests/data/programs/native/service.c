// A program for the recorder's tests: one hot function, one lock held while it sleeps, one
// wait for a pipe that nobody writes often, one place that allocates. Prints "ready".
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];
static char *kept[256];
volatile unsigned long sink, items = 20000;

static void rest(long ms) {
    struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&span, NULL);
}

__attribute__((noinline)) unsigned long price(unsigned long items) {
    unsigned long sum = 1;
    for (unsigned long i = 0; i < items; i++)
        sum = (sum * 31 + i) % 1000003;
    return sum;
}

__attribute__((noinline)) void reserve(void) {
    pthread_mutex_lock(&lock);
    rest(5);
    pthread_mutex_unlock(&lock);
}

__attribute__((noinline)) void receive(void) {
    char byte;
    if (read(ends[0], &byte, 1) != 1)
        exit(1);
}

__attribute__((noinline)) void receipt(unsigned i) {
    free(kept[i % 256]);
    kept[i % 256] = malloc(3000 + i % 7);
    memset(kept[i % 256], 1, 64);
}

static void *pricing(void *unused) {
    for (;;)
        sink += price(items);
    return unused;
}

static void *reserving(void *unused) {
    for (;;)
        reserve();
    return unused;
}

static void *receiving(void *unused) {
    for (;;)
        receive();
    return unused;
}

static void *printing(void *unused) {
    for (unsigned i = 0;; i++) {
        receipt(i);
        if (i % 100 == 0)
            rest(1);
    }
    return unused;
}

static void start(void *(*what)(void *)) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, what, NULL))
        exit(1);
}

int main(void) {
    if (pipe(ends))
        return 1;
    start(pricing);
    for (int i = 0; i < 3; i++)
        start(reserving);
    start(receiving);
    start(printing);
    puts("ready");
    fflush(stdout);
    for (int i = 0; i < 3000; i++) { // at most five minutes, should a test leave it behind
        rest(100);
        if (write(ends[1], "x", 1) != 1)
            return 1;
    }
    return 0;
}
