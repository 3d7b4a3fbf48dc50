// SPDX-License-Identifier: GPL-2.0-only
/*
 * Thins the frames of a monitor interface in the kernel: what repeats is counted, everything else passes.
 *
 * A socket filter (BPF_PROG_TYPE_SOCKET_FILTER) of the capture's packet socket. Dropped are only
 *  - beacons that say what the last one of their access point said, apart from timestamp, TIM and BSS load, and that go
 *    on in every other way: clock, sequence number, level, channel, rate;
 *  - acknowledgements and clearances to send, which name nobody but their receiver.
 * A beacon that does not go on as expected passes, and with it the next ones of that address. Whatever this
 * program does not understand to its end passes. Octets of structs are explicit, so that a 32-bit machine agrees;
 * `layout.py` has the same structs. Loops are bounded by constants; the oldest kernel meant is 6.1.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PASS 262144 /* SNAP_LENGTH of filter.py: the whole frame */
#define DROP 0

#define HEAD 256   /* octets that hold a capture header and a MAC header with the beginning of a body; a power of two */
#define CONTENT 1024 /* octets of the longest beacon that is compared */
#define ELEMENTS 64
#define WORDS 4 /* presence words of a radiotap header */

#define BEACON 0x80
#define CTS 0xc4
#define ACK 0xd4

#define THIN_BEACONS 1
#define THIN_ACKNOWLEDGEMENTS 2
#define THIN_CLEARANCES 4

#define NO_LEVEL -128

struct settings {
	__u64 now;       /* us, in place of the clock: of a replay; 0 for the clock */
	__u32 thin;      /* THIN_...; 0: everything passes */
	__u32 epoch;     /* number of the present second: even and odd ones have counts of their own */
	__u32 longest;   /* us of the longest duration that is counted and not passed */
	__u32 fresh;     /* beacons that pass after a new or changed one */
	__u32 whole;     /* beacons that pass after one whose clock or sequence number did not go on */
	__u32 leap;      /* beacons that pass after one of another level */
	__u32 sample;    /* us: the first beacon of an access point after so long passes */
	__u32 silence;   /* us: the first frame of any kind after so long without a passed one passes */
	__u32 drift;     /* us that a clock may stray */
	__u32 step;      /* sequence numbers from one beacon to the next */
	__u32 gap;       /* dB from one beacon to the next */
	__u32 pad;
	__u32 keys[CONTENT / 4]; /* secret, for the hash */
};

struct scratch {
	__u64 passed; /* us, of the last frame of any kind */
	__u32 at;
	__u32 pad;
	__u8 head[HEAD];
	__u32 content[CONTENT / 4 + 2];
	__u8 room[CONTENT]; /* the verifier adds the limits of the three parts, not their sum */
	__u8 more[CONTENT];
};

struct address {
	__u8 octets[6];
	__u16 pad;
};

struct count {
	__u32 epoch;
	__u32 frames;
	__s32 levels; /* sum of those that have a level */
	__u32 levelled;
	__s8 low;
	__s8 high;
	__s8 last;
	__s8 pad;
};

struct sender {
	__u64 heard;  /* us */
	__u64 passed; /* us */
	__s64 clock;  /* us: timestamp minus time, of the last beacon */
	__u64 hash;
	__u32 whole;  /* beacons that still pass */
	__u16 tim;    /* from the body to the length of the TIM; 0: none */
	__u16 load;   /* from the content of the BSS load to the end; 0: none */
	__u16 size;   /* octets of the content without what is left out */
	__u16 seq;
	__u16 freq;
	__u16 channel;
	__u8 rate;
	__u8 flags;
	__s8 level;
	__u8 pad;
	struct count counts[2];
};

struct way {
	__u16 freq;
	__u16 channel; /* flags of radiotap's channel field */
	__u16 length;
	__u8 rate;
	__u8 kind; /* type of the frame, and 0x08 for a retransmission */
};

struct way_count {
	struct {
		__u32 epoch;
		__u32 frames;
	} counts[2];
};

_Static_assert(sizeof(struct settings) == 1080 && sizeof(struct count) == 20 && sizeof(struct sender) == 96, "layout.py");
_Static_assert(sizeof(struct way) == 8 && sizeof(struct way_count) == 16 && sizeof(struct scratch) == 3352, "layout.py");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, struct sender);
} senders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, struct way);
	__type(value, struct way_count);
} ways SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, __u32);
} asked SEC(".maps");

struct radio {
	__u32 end; /* of the capture header */
	__u32 trailer;
	__u16 freq;
	__u16 channel;
	__u8 rate;
	__s8 level;
};

static __always_inline __u32 octet(const struct scratch *s, __u32 at)
{
	return s->head[at & (HEAD - 1)]; /* a branch for each octet would keep the verifier busy for seconds */
}

static __always_inline __u32 half(const struct scratch *s, __u32 at)
{
	return octet(s, at) | octet(s, at + 1) << 8;
}

static __always_inline __u32 word(const struct scratch *s, __u32 at)
{
	return half(s, at) | half(s, at + 2) << 16;
}

static __always_inline __s8 plausible(__u32 level)
{
	__s8 dbm = (__s8)level;

	return dbm >= -114 && dbm < 0 ? dbm : NO_LEVEL;
}

/* Read a radiotap header of the fields up to RX flags, and the levels of further antennas. Returns 0 if it has others. */
static __always_inline int read_radio(struct scratch *s, __u32 had, struct radio *r)
{
	__u32 present, more, at, antennas = 0, i, flags = 0;
	__s8 level;

	r->end = half(s, 2);
	if (octet(s, 0) || r->end < 8 || r->end > HEAD - 64 || r->end + 10 > had)
		return 0;
	present = word(s, 4);
	if (present & 0x5fff8000) /* fields beyond RX flags; vendor namespace */
		return 0;
	/* A number that the verifier does not know: it would follow each value that the offset may have. */
	*(volatile __u32 *)&s->at = 8;
	at = *(volatile __u32 *)&s->at;
	more = present;
	for (i = 0; i < WORDS; i++) {
		if (!(more >> 31))
			break;
		more = word(s, at);
		at += 4;
		if ((more & 0x5fffffff) != 0x820) /* level and antenna */
			return 0;
		antennas++;
	}
	if (more >> 31)
		return 0;
	if (antennas && !(present & 1u << 29)) /* the namespace begins anew */
		return 0;
	if (present & 1u << 0)
		at = (at + 7 & ~7u) + 8;
	if (!(present & 1u << 1) || !(present & 1u << 2) || !(present & 1u << 3))
		return 0;
	flags = octet(s, at);
	if (flags & 0x60) /* padded, damaged */
		return 0;
	r->trailer = flags & 0x10 ? 4 : 0;
	r->rate = octet(s, at + 1);
	at = at + 2 + 1 & ~1u;
	r->freq = half(s, at);
	r->channel = half(s, at + 2);
	at += 4;
	if (!r->rate || !r->freq || r->channel & 0xc000) /* half and quarter channels */
		return 0;
	if (present & 1u << 4)
		at += 2;
	level = NO_LEVEL;
	if (present & 1u << 5)
		level = plausible(octet(s, at++));
	if (present & 1u << 6)
		at++;
	if (present & 7u << 7) /* lock quality, attenuations: two octets each */
		at = at + 1 & ~1u;
	if (present & 1u << 7)
		at += 2;
	if (present & 1u << 8)
		at += 2;
	if (present & 1u << 9)
		at += 2;
	if (present & 1u << 10)
		at++;
	if (present & 1u << 11)
		at++;
	if (present & 1u << 12)
		at++;
	if (present & 1u << 13)
		at++;
	if (present & 1u << 14) {
		at = at + 1 & ~1u;
		if (octet(s, at) & 2) /* the PLCP header was damaged */
			return 0;
		at += 2;
	}
	for (i = 0; i < WORDS; i++) {
		__s8 other;

		if (i >= antennas)
			break;
		other = plausible(octet(s, at));
		at += 2;
		if (other > level)
			level = other;
	}
	r->level = level;
	return at <= r->end;
}

/* Count a dropped frame by the way it was sent. Returns 0 if there is no room: then the frame has to pass. */
static __always_inline int count_way(const struct settings *c, const struct radio *r, __u32 length, __u8 kind)
{
	struct way key = { .freq = r->freq, .channel = r->channel, .length = length, .rate = r->rate, .kind = kind };
	struct way_count *known = bpf_map_lookup_elem(&ways, &key);
	__u32 at = c->epoch & 1;

	if (!known) {
		struct way_count empty = {};

		if (bpf_map_update_elem(&ways, &key, &empty, BPF_NOEXIST))
			return 0;
		known = bpf_map_lookup_elem(&ways, &key);
		if (!known)
			return 0;
	}
	if (known->counts[at].epoch != c->epoch) {
		known->counts[at].epoch = c->epoch;
		known->counts[at].frames = 0;
	}
	__sync_fetch_and_add(&known->counts[at].frames, 1);
	return 1;
}

static __always_inline void count_sender(const struct settings *c, struct sender *a, __s8 level)
{
	struct count *n = &a->counts[c->epoch & 1];

	if (n->epoch != c->epoch) {
		n->epoch = c->epoch;
		n->frames = n->levelled = 0;
		n->levels = 0;
		n->low = 127;
		n->high = n->last = NO_LEVEL;
	}
	n->frames++;
	if (level != NO_LEVEL) {
		n->levelled++;
		n->levels += level;
		n->last = level;
		if (level < n->low)
			n->low = level;
		if (level > n->high)
			n->high = level;
	}
}

/* Copy what is compared of a beacon, and hash it: NH (RFC 4418, 5.2.2), with secret keys. Returns its octets, 0 if it
 * cannot be compared. `body` and `end` are offsets in the frame. */
static __always_inline __u32 hash_content(struct __sk_buff *skb, const struct settings *c, struct scratch *s,
					  const struct sender *a, __u32 body, __u32 end, __u64 *hash)
{
	__u8 *to = (__u8 *)s->content;
	__u32 from = body + 8, stop = end, first, second = 0, third = 0, total, i;
	__u64 sum = 0;

	if (a->tim) {
		__u8 length;

		stop = body + a->tim;
		if (stop >= end || bpf_skb_load_bytes(skb, stop, &length, 1))
			return 0;
		second = stop + 1 + length; /* begin of the second part */
		if (second > end)
			return 0;
	}
	if (stop <= from)
		return 0;
	first = stop - from;
	if (first < 1 || first > CONTENT)
		return 0;
	if (bpf_skb_load_bytes(skb, from, to, first))
		return 0;
	total = first;
	if (a->tim) {
		__u32 at = second;

		if (a->load) {
			if (end < a->load + second)
				return 0;
			stop = end - a->load;
			third = stop + 5;
			if (third > end)
				return 0;
		} else {
			stop = end;
		}
		second = stop - at;
		if (second > CONTENT)
			return 0;
		if (second && bpf_skb_load_bytes(skb, at, to + total, second))
			return 0;
		total += second;
		if (a->load) {
			at = third;
			third = end - at;
			if (third > CONTENT)
				return 0;
			if (total > CONTENT)
				return 0;
			if (third && bpf_skb_load_bytes(skb, at, to + total, third))
				return 0;
			total += third;
		}
	}
	if (total > CONTENT)
		return 0;
	/* the last pair of words may be a part of the frame alone */
	for (i = 0; i < 7; i++)
		to[total + i] = 0;
	for (i = 0; i < CONTENT / 4; i += 2) {
		if (i * 4 >= total)
			break;
		sum += (__u64)(__u32)(s->content[i] + c->keys[i]) * (__u32)(s->content[i + 1] + c->keys[i + 1]);
	}
	*hash = sum;
	return total;
}

/* Find the TIM, and the BSS load behind it. */
static __always_inline void find_volatile(struct __sk_buff *skb, struct sender *a, __u32 body, __u32 end)
{
	__u32 at = body + 12, i;

	a->tim = a->load = 0;
	for (i = 0; i < ELEMENTS; i++) {
		__u8 head[2];

		if (at + 2 > end || bpf_skb_load_bytes(skb, at, head, 2))
			break;
		if (at + 2 + head[1] > end)
			break;
		if (head[0] == 5 && !a->tim) {
			a->tim = at + 1 - body;
		} else if (head[0] == 11 && head[1] == 5 && a->tim) {
			a->load = end - (at + 2);
			break;
		}
		at += 2 + head[1];
	}
}

static __always_inline __u32 apart(__u32 one, __u32 other)
{
	return one > other ? one - other : other - one;
}

static __always_inline int thin_beacon(struct __sk_buff *skb, const struct settings *c, struct scratch *s,
				       const struct radio *r, __u32 start, __u32 length, __u64 now)
{
	struct address key = {};
	struct sender *a;
	__u32 body = start + 24, end = length - r->trailer, size, seq, i;
	__u64 stamp, hash = 0;
	__s64 clock;
	__s8 before;
	int usual = 1;

	if (end < body + 12 || end > length || octet(s, start + 1)) /* flags: none */
		return PASS;
	for (i = 0; i < 6; i++) {
		if (octet(s, start + 4 + i) != 0xff || octet(s, start + 10 + i) != octet(s, start + 16 + i))
			return PASS;
		key.octets[i] = octet(s, start + 10 + i);
	}
	if (half(s, start + 2) > c->longest || octet(s, start + 22) & 0x0f)
		return PASS;
	seq = half(s, start + 22) >> 4;
	stamp = word(s, body) | (__u64)word(s, body + 4) << 32;
	clock = stamp - now;
	a = bpf_map_lookup_elem(&senders, &key);
	if (!a) {
		struct sender new = { .heard = now, .passed = now, .clock = clock, .seq = seq, .freq = r->freq,
				      .channel = r->channel, .rate = r->rate, .level = r->level };

		/* With the table full it passes, and the next one too. The next one finds where its TIM is. */
		bpf_map_update_elem(&senders, &key, &new, BPF_NOEXIST);
		return PASS;
	}
	size = hash_content(skb, c, s, a, body, end, &hash);
	before = a->level;
	if (!size || size != a->size || hash != a->hash) {
		__u32 tim = a->tim, load = a->load;

		find_volatile(skb, a, body, end);
		/* With other parts left out, the hash is that of something else: the next beacon brings a new one. */
		a->size = a->tim == tim && a->load == load ? size : 0;
		a->hash = hash;
		a->whole = c->fresh;
		usual = 0;
	}
	if (clock - a->clock >= (__s64)c->drift || a->clock - clock >= (__s64)c->drift) {
		a->whole = c->whole;
		usual = 0;
	}
	if (now - a->heard < c->sample && (seq - a->seq & 0xfff) > c->step) {
		a->whole = c->whole;
		usual = 0;
	}
	if (before != NO_LEVEL && r->level != NO_LEVEL && apart(before + 128, r->level + 128) >= c->gap) {
		if (a->whole < c->leap)
			a->whole = c->leap;
		usual = 0;
	}
	if (a->freq != r->freq || a->channel != r->channel || a->rate != r->rate || r->level == NO_LEVEL != (before == NO_LEVEL))
		usual = 0;
	if (a->whole) {
		if (usual)
			a->whole--;
		usual = 0;
	}
	if (now - a->passed >= c->sample || bpf_map_lookup_elem(&asked, &key))
		usual = 0;
	a->heard = now;
	a->clock = clock;
	a->seq = seq;
	a->freq = r->freq;
	a->channel = r->channel;
	a->rate = r->rate;
	a->level = r->level;
	if (!usual || now - s->passed >= c->silence || !count_way(c, r, end - start + 4, 0)) {
		a->passed = now;
		return PASS;
	}
	count_sender(c, a, r->level);
	return DROP;
}

SEC("socket")
int thin(struct __sk_buff *skb)
{
	__u32 zero = 0, length = skb->len, had, start, control, verdict = PASS;
	struct settings *c = bpf_map_lookup_elem(&settings, &zero);
	struct scratch *s = bpf_map_lookup_elem(&scratch, &zero);
	struct radio r = {};
	__u64 now;

	if (!c || !s || !c->thin)
		return PASS;
	now = c->now ? c->now : bpf_ktime_get_ns() / 1000;
	had = length < HEAD ? length : HEAD;
	if (had < 18 || had > HEAD || bpf_skb_load_bytes(skb, 0, s->head, had))
		goto passes;
	if (!read_radio(s, had, &r))
		goto passes;
	start = r.end;
	control = octet(s, start);
	if (control == BEACON) {
		if (c->thin & THIN_BEACONS && start + 36 <= had)
			verdict = thin_beacon(skb, c, s, &r, start, length, now);
	} else if ((control == ACK && c->thin & THIN_ACKNOWLEDGEMENTS) || (control == CTS && c->thin & THIN_CLEARANCES)) {
		__u32 flags = octet(s, start + 1), duration = half(s, start + 2);

		/* exactly one receiver, and nothing behind it */
		if (length == start + 10 + r.trailer && duration <= c->longest && !(flags & 0xc0) &&
		    now - s->passed < c->silence && count_way(c, &r, 14, 1 | (flags & 0x08)))
			verdict = DROP;
	}
passes:
	if (verdict != DROP)
		s->passed = now;
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
