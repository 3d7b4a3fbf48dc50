/* Counts the guest's instructions, and writes the count down whenever the guest asks for it.
 *
 * A guest asks by closing a descriptor that cannot be: close(-1000), close(-1001)... fails for the kernel and is a mark
 * for us. Marks let one run measure many things, and nothing of what came before them counts.
 *
 * A callback for each block of instructions is slower than QEMU's inline additions, but has the same shape from QEMU 7
 * to 10, where those have not; only the version that a plugin must state differs. QEMU's header is not packaged, hence
 * the declarations.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))
#define FIRST_MARK (-1000)
#define LAST_MARK (-1999)
#define CLOSE 6 /* EABI */

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_info;
enum register_access { NO_REGISTERS };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), enum register_access,
					  void *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t,
							      uint64_t, uint64_t, uint64_t, uint64_t, uint64_t,
							      uint64_t));
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

static uint64_t instructions;
static FILE *out;

static void executed(unsigned cpu, void *block_length)
{
	(void)cpu;
	__atomic_fetch_add(&instructions, (uintptr_t)block_length, __ATOMIC_RELAXED);
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
	(void)id;
	qemu_plugin_register_vcpu_tb_exec_cb(block, executed, NO_REGISTERS,
					     (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void write_down(const char *what, int32_t label)
{
	fprintf(out, "%s %d %llu\n", what, label,
		(unsigned long long)__atomic_load_n(&instructions, __ATOMIC_RELAXED));
	fflush(out);
}

static void called(plugin_id id, unsigned cpu, int64_t number, uint64_t first, uint64_t a2, uint64_t a3, uint64_t a4,
		   uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
	int32_t descriptor = (int32_t)first;

	(void)id, (void)cpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
	if (number == CLOSE && descriptor <= FIRST_MARK && descriptor >= LAST_MARK)
		write_down("mark", FIRST_MARK - descriptor);
}

static void ended(plugin_id id, void *nothing)
{
	(void)id, (void)nothing;
	write_down("end", 0);
	fclose(out);
}

/* Takes out=FILE, where the lines "mark LABEL COUNT" and, last, "end 0 COUNT" go. */
EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4) || !(out = fopen(argv[0] + 4, "w"))) {
		fprintf(stderr, "icount: expected out=FILE, a file that can be written\n");
		return 1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_vcpu_syscall_cb(id, called);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
