/*
 * A qemu plugin that counts the instructions an emulated 32-bit ARM program executes, by thread: a measure of speed
 * that does not depend on the machine that emulates. Instructions, not cycles. instructions.sh builds and runs it.
 *
 * The system call getpriority(PRIO_PROCESS, n), in Node os.getPriority(n), with n >= 1 is a mark: the counts of that
 * thread since its last mark go to standard error, and counting starts again at 0. What is left at the end follows.
 *
 * The declarations below are the part of qemu's plugin interface, version 1, that is used here (Debian ships no header).
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_info_t qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
#define EXPORT __attribute__((visibility("default")))
typedef void translated_cb(qemu_plugin_id_t, struct qemu_plugin_tb *);
typedef void executed_cb(unsigned, void *);
typedef void syscall_cb(qemu_plugin_id_t, unsigned, int64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
                        uint64_t, uint64_t);
typedef void exit_cb(qemu_plugin_id_t, void *);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, translated_cb *);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, executed_cb *, enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t, syscall_cb *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, exit_cb *, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
EXPORT int qemu_plugin_version = 1;

#define THREADS 256           /* a power of 2: thread numbers beyond share counters */
#define SYS_GETPRIORITY 96    /* 32-bit ARM */

/* Padded to a cache line, so that threads do not slow each other. */
struct counts { uint64_t all, neon, vfp, memory; char pad[32]; };
static struct counts counts[THREADS];

struct block { uint32_t all, neon, vfp, memory; };

static void print(const char *what, uint64_t n, const struct counts *c) {
  fprintf(stderr, "@%s %" PRIu64 " instructions=%" PRIu64 " neon=%" PRIu64 " vfp=%" PRIu64 " memory=%" PRIu64 "\n", what, n,
          c->all, c->neon, c->vfp, c->memory);
}

static void executed(unsigned thread, void *data) {
  const struct block *block = data;
  struct counts *c = &counts[thread % THREADS];
  c->all += block->all;
  c->neon += block->neon;
  c->vfp += block->vfp;
  c->memory += block->memory;
}

/* Classes by the fixed bits of the 32-bit (ARM mode) encoding, which is what V8 emits; Thumb code only counts in `all`. */
static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  struct block *block = calloc(1, sizeof *block);
  if (!block) abort();
  block->all = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < block->all; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    uint32_t w;
    if (qemu_plugin_insn_size(insn) != sizeof w) continue;
    memcpy(&w, qemu_plugin_insn_data(insn), sizeof w);
    if ((w >> 25) == 0x79 || (w >> 24) == 0xf4)
      block->neon++; /* Advanced SIMD data processing, element and structure load/store */
    else if ((w & 0x0f000e10) == 0x0e000a00 || (w & 0x0e000e00) == 0x0c000a00)
      block->vfp++; /* floating point data processing, load/store */
    else if (((w >> 26) & 3) == 1)
      block->memory++; /* load/store of a word or byte */
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, QEMU_PLUGIN_CB_NO_REGS, block);
}

static void system_call(qemu_plugin_id_t id, unsigned thread, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                        uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  (void)id, (void)a1, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (number != SYS_GETPRIORITY || a2 == 0) return;
  struct counts *c = &counts[thread % THREADS];
  print("mark", a2, c);
  memset(c, 0, sizeof *c);
}

static void at_exit(qemu_plugin_id_t id, void *data) {
  (void)id, (void)data;
  for (size_t i = 0; i < THREADS; i++)
    if (counts[i].all) print("rest of thread", i, &counts[i]);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, system_call);
  qemu_plugin_register_atexit_cb(id, at_exit, NULL);
  return 0;
}
