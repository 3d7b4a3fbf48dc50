// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An I2C bus with one device that acknowledges whatever is written to it and keeps it, to see what a display was sent.
 *
 * debugfs i2c-sink/log holds the messages in their order: length (16 bits, little endian), then the octets. Writing to
 * that file empties it. While the parameter gone is set, nothing answers, as with a panel that was unplugged.
 */
#include <linux/debugfs.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>

#define CAPACITY (8u << 20)
#define HEADER 2u

static int bus = 1;
module_param(bus, int, 0444);
MODULE_PARM_DESC(bus, "number of the bus: the 1 of /dev/i2c-1");

static ushort address = 0x3c;
module_param(address, ushort, 0444);
MODULE_PARM_DESC(address, "address of the device");

static bool gone;
module_param(gone, bool, 0644);
MODULE_PARM_DESC(gone, "whether nothing answers");

static DEFINE_MUTEX(lock); /* guards log and used */
static u8 *log;
static size_t used;
static struct dentry *folder;

static int keep(const struct i2c_msg *message)
{
	int error = 0;

	mutex_lock(&lock);
	if (used + HEADER + message->len > CAPACITY) {
		pr_err_once("i2c-sink: the log is full\n");
		error = -ENOSPC;
	} else {
		put_unaligned_le16(message->len, log + used);
		memcpy(log + used + HEADER, message->buf, message->len);
		used += HEADER + message->len;
	}
	mutex_unlock(&lock);
	return error;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	for (int i = 0; i < count; i++) {
		struct i2c_msg *message = &messages[i];
		int error = 0;

		if (message->addr != address || READ_ONCE(gone))
			return -EREMOTEIO;
		if (message->flags & I2C_M_RD)
			memset(message->buf, 0, message->len);
		else
			error = keep(message);
		if (error)
			return error;
	}
	return count;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = {
	.xfer = transfer,
	.functionality = functionality,
};

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.name = "i2c-sink",
	.algo = &algorithm,
};

static ssize_t log_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	ssize_t done;

	mutex_lock(&lock);
	done = simple_read_from_buffer(to, count, position, log, used);
	mutex_unlock(&lock);
	return done;
}

static ssize_t log_write(struct file *file, const char __user *from, size_t count, loff_t *position)
{
	mutex_lock(&lock);
	used = 0;
	mutex_unlock(&lock);
	return count;
}

static const struct file_operations log_operations = {
	.owner = THIS_MODULE,
	.read = log_read,
	.write = log_write,
	.llseek = default_llseek,
};

static int __init i2c_sink_init(void)
{
	int error;

	log = vzalloc(CAPACITY);
	if (!log)
		return -ENOMEM;
	adapter.nr = bus;
	error = i2c_add_numbered_adapter(&adapter);
	if (error) {
		vfree(log);
		return error;
	}
	folder = debugfs_create_dir("i2c-sink", NULL);
	debugfs_create_file("log", 0600, folder, NULL, &log_operations);
	return 0;
}
module_init(i2c_sink_init);

static void __exit i2c_sink_exit(void)
{
	debugfs_remove_recursive(folder);
	i2c_del_adapter(&adapter);
	vfree(log);
}
module_exit(i2c_sink_exit);

MODULE_DESCRIPTION("I2C device that keeps what it is sent");
MODULE_LICENSE("GPL");
