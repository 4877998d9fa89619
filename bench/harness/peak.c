/* What this machine can do at best, in the same units as the kernels: run by roofline.ts.
   peak fma THREADS          billions of multiplications and additions a second, float32, widest vectors
   peak read THREADS BYTES   billions of bytes a second, reading so many bytes again and again */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__AVX512F__)
#define WIDTH 64
#elif defined(__AVX__)
#define WIDTH 32
#else
#define WIDTH 16
#endif
typedef float vector __attribute__((vector_size(WIDTH)));
enum { LANES = WIDTH / sizeof(float), CHAINS = 12, MOST_THREADS = 256 };

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

struct work {
  pthread_t thread;
  const vector *data;
  size_t vectors;
  long passes;
  float result;
};

/* Twelve chains that do not wait for each other. */
static void *fma_chains(void *argument) {
  struct work *work = argument;
  vector sums[CHAINS], factor, term;
  for (int i = 0; i < LANES; i++) factor[i] = 0.999f + work->result, term[i] = 0.001f;
  for (int c = 0; c < CHAINS; c++) sums[c] = term * (float)c;
  for (long n = 0; n < work->passes; n++) {
    for (int c = 0; c < CHAINS; c++) sums[c] = sums[c] * factor + term;
  }
  for (int c = 0; c < CHAINS; c++) work->result += sums[c][0];
  return NULL;
}

static void *read_all(void *argument) {
  struct work *work = argument;
  vector sums[8];
  memset(sums, 0, sizeof sums);
  for (long n = 0; n < work->passes; n++) {
    for (size_t i = 0; i + 8 <= work->vectors; i += 8) {
      for (int c = 0; c < 8; c++) sums[c] += work->data[i + c];
    }
    __asm__ volatile("" ::: "memory");
  }
  for (int c = 0; c < 8; c++) work->result += sums[c][0];
  return NULL;
}

static double timed(struct work *works, int threads, void *(*body)(void *)) {
  double start = now();
  for (int t = 1; t < threads; t++) pthread_create(&works[t].thread, NULL, body, &works[t]);
  body(&works[0]);
  for (int t = 1; t < threads; t++) pthread_join(works[t].thread, NULL);
  return now() - start;
}

/* The best of several tries, each long enough to be timed. */
static double best(struct work *works, int threads, void *(*body)(void *), double amount) {
  double most = 0;
  for (int try = 0; try < 7; try++) {
    double seconds = timed(works, threads, body);
    while (seconds < 0.03) {
      for (int t = 0; t < threads; t++) works[t].passes *= 2;
      amount *= 2;
      seconds = timed(works, threads, body);
    }
    if (amount / seconds > most) most = amount / seconds;
  }
  return most;
}

int main(int count, char **arguments) {
  int threads = count > 2 ? atoi(arguments[2]) : 1;
  if (threads < 1 || threads > MOST_THREADS) return 1;
  static struct work works[MOST_THREADS];
  if (strcmp(arguments[1], "fma") == 0) {
    for (int t = 0; t < threads; t++) works[t].passes = 1000000;
    double amount = 2.0 * LANES * CHAINS * works[0].passes * threads;
    printf("%.3f\n", best(works, threads, fma_chains, amount) / 1e9);
    return 0;
  }
  size_t bytes = count > 3 ? strtoull(arguments[3], NULL, 10) : 0;
  size_t share = bytes / threads / (8 * WIDTH) * 8;
  if (share == 0) share = 8;
  for (int t = 0; t < threads; t++) {
    vector *data = aligned_alloc(WIDTH, share * WIDTH);
    if (!data) return 1;
    for (size_t i = 0; i < share * LANES; i++) ((float *)data)[i] = 1e-3f;
    works[t] = (struct work){.data = data, .vectors = share, .passes = 1};
  }
  printf("%.3f\n", best(works, threads, read_all, (double)share * WIDTH * threads) / 1e9);
  return 0;
}
