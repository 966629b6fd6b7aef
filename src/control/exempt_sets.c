/*
 * A network is two elements of a set: its first address, and the first address behind it,
 * marked as an end (and left out behind the last address there is).
 *
 * The kernel refuses to delete what is not there, and an element may have run out between the
 * question and the deletion: so what is to go is added first, which changes nothing about what
 * is there, and deleted then.
 */
#include "control/exempt_sets.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

enum {
	/* Octets of one element: its own header, flags, end, and a key in two headers. */
	ELEMENT_SIZE = 4 + 8 + 12 + 4 + 4 + 16,
	/* Changes in one message, whose lengths have 16 bits: two elements each. */
	MESSAGE_CHANGES = 500,
	MESSAGE_HEADERS_SIZE = 128,
	QUESTION_SIZE = 1024,
	ANSWER_SIZE = 8192, /* of one message: the description of a set is the longest */
};
_Static_assert(MESSAGE_CHANGES * 2 * ELEMENT_SIZE < UINT16_MAX, "a list of elements");

static const char table[] = "op25b";
static const char *const sets[] = {[ADDRESS_IPV4] = "exempt4", [ADDRESS_IPV6] = "exempt6"};
_Static_assert(sizeof sets / sizeof *sets == ADDRESS_FAMILIES, "one set per family");

/* Which of the changes a message is about, and what they are to the kernel. */
struct step {
	uint16_t type;
	bool add;       /* of the changes: those to be added, or else to be removed */
	bool with_ends; /* their ends go along */
};

static const struct step steps[] = {
    {NFT_MSG_NEWSETELEM, false, false},
    {NFT_MSG_DELSETELEM, false, false},
    {NFT_MSG_NEWSETELEM, true, true},
};

struct transaction {
	char *buffer;
	size_t used;
	uint32_t sequence;
};

/*
 * Elements.
 */

/* The first address behind the network; false when there is none. */
static bool
address_behind(const struct network *network, uint8_t behind[16])
{
	unsigned octet = network->length == 0 ? 0 : (network->length - 1u) / 8;
	unsigned sum = network->length == 0 ? 256 : 128u >> (network->length - 1u) % 8;

	memcpy(behind, network->address.octets, sizeof network->address.octets);
	for (;; octet--, sum = 1) {
		sum += behind[octet];
		behind[octet] = (uint8_t)sum;
		if (sum < 256)
			return true;
		if (octet == 0)
			return false;
	}
}

/* 0, or -1 with errno ENOMEM. */
static int
put_element(struct nftnl_set *set, const uint8_t *octets, enum address_family family,
    uint64_t life_ms, uint32_t flags)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();

	if (element == NULL || nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, octets,
				   address_bits(family) / 8) == -1) {
		if (element != NULL)
			nftnl_set_elem_free(element);
		errno = ENOMEM;
		return -1;
	}
	if (flags != 0)
		nftnl_set_elem_set_u32(element, NFTNL_SET_ELEM_FLAGS, flags);
	if (life_ms != 0)
		nftnl_set_elem_set_u64(element, NFTNL_SET_ELEM_TIMEOUT, life_ms);
	nftnl_set_elem_add(set, element);
	return 0;
}

static int
put_network(struct nftnl_set *set, const struct network *network, uint64_t life_ms)
{
	enum address_family family = (enum address_family)network->address.family;
	uint8_t behind[16];

	if (put_element(set, network->address.octets, family, life_ms, 0) == -1)
		return -1;
	if (!address_behind(network, behind))
		return 0;
	return put_element(set, behind, family, 0, NFT_SET_ELEM_INTERVAL_END);
}

/* The set by name, without elements. NULL with errno ENOMEM. */
static struct nftnl_set *
named_set(enum address_family family)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set != NULL && nftnl_set_set_str(set, NFTNL_SET_TABLE, table) == 0 &&
	    nftnl_set_set_str(set, NFTNL_SET_NAME, sets[family]) == 0)
		return set;
	if (set != NULL)
		nftnl_set_free(set);
	errno = ENOMEM;
	return NULL;
}

/* How long it lasts, in kernel terms: 0 for ever. What has ended is over in a moment. */
static uint64_t
life_of(const struct exemption *exemption, int64_t wall_ms)
{
	if (exemption->until_ms == EXEMPT_COVER_FOREVER)
		return 0;
	return exemption->until_ms > wall_ms ? (uint64_t)(exemption->until_ms - wall_ms) : 1;
}

/* The changes that one message is about, as a set. *any: there are some. */
static struct nftnl_set *
set_for(const struct step *step, enum address_family family,
    const struct exempt_change *changes, size_t count, int64_t wall_ms, bool *any)
{
	struct nftnl_set *set = named_set(family);

	*any = false;
	for (size_t i = 0; set != NULL && i < count; i++) {
		const struct exemption *exemption = &changes[i].exemption;

		if (changes[i].add != step->add || exemption->network.address.family != family)
			continue;
		*any = true;
		if (put_network(set, &exemption->network,
			step->with_ends ? life_of(exemption, wall_ms) : 0) == -1) {
			nftnl_set_free(set);
			set = NULL;
		}
	}
	return set;
}

/*
 * Transactions.
 */

static struct nlmsghdr *
transaction_message(struct transaction *transaction, uint16_t type, uint16_t flags)
{
	return nftnl_nlmsg_build_hdr(transaction->buffer + transaction->used, type,
	    NFPROTO_INET, NLM_F_ACK | flags, transaction->sequence++);
}

/* Room for that many changes, each of them both elements twice. 0, or -1 with errno ENOMEM. */
static int
transaction_begin(struct transaction *transaction, size_t count)
{
	size_t messages = 2 + (count / MESSAGE_CHANGES + 1) * ADDRESS_FAMILIES *
				  (sizeof steps / sizeof *steps);

	*transaction = (struct transaction){
	    .buffer =
		malloc(count * 4 * ELEMENT_SIZE + messages * (size_t)MESSAGE_HEADERS_SIZE),
	};
	if (transaction->buffer == NULL)
		return -1;
	transaction->used =
	    nftnl_batch_begin(transaction->buffer, transaction->sequence++)->nlmsg_len;
	return 0;
}

static void
transaction_elements(struct transaction *transaction, uint16_t type, struct nftnl_set *set)
{
	struct nlmsghdr *message = transaction_message(
	    transaction, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);

	nftnl_set_elems_nlmsg_build_payload(message, set);
	transaction->used += message->nlmsg_len;
}

/*
 * Talking to the kernel, which has its answers ready when send(2) returns.
 */

static int
ignore_answer(const struct nlmsghdr *message, void *argument)
{
	(void)message;
	(void)argument;
	return MNL_CB_OK;
}

/* All answers there are: 0, or -1 with the first error among them. */
static int
kernel_answers(struct mnl_socket *kernel)
{
	char buffer[ANSWER_SIZE];
	int error = 0;
	ssize_t length;

	while (
	    (length = recv(mnl_socket_get_fd(kernel), buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
		if (mnl_cb_run(buffer, (size_t)length, 0, 0, ignore_answer, NULL) == -1 &&
		    error == 0)
			error = errno;
	errno = error;
	return error == 0 ? 0 : -1;
}

/* A transaction is one write. What is above net.core.wmem_max takes CAP_NET_ADMIN. */
static void
kernel_make_room(struct mnl_socket *kernel, size_t length)
{
	int size = (int)length, fd = mnl_socket_get_fd(kernel);

	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) == -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* 0, or -1 with errno. An answer does not repeat the question (NETLINK_CAP_ACK). */
static int
kernel_do(const void *messages, size_t length)
{
	struct mnl_socket *kernel = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int result = -1, on = 1;

	if (kernel == NULL)
		return -1;
	kernel_make_room(kernel, length);
	if (mnl_socket_bind(kernel, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_setsockopt(kernel, NETLINK_CAP_ACK, &on, sizeof on) == 0 &&
	    mnl_socket_sendto(kernel, messages, length) != -1)
		result = kernel_answers(kernel);
	int error = errno;
	mnl_socket_close(kernel);
	errno = error;
	return result;
}

static int
sets_failed(struct text *why)
{
	switch (errno) {
	case ENOENT:
		text_add_string(why, "the kernel has no table inet op25b with the sets exempt4 "
				     "and exempt6: op25bctl firewall apply makes it");
		break;
	case EEXIST:
	case ENOTEMPTY:
		text_add_string(why, "exempt4 or exempt6 of table inet op25b holds a network "
				     "that op25bd has not put there");
		break;
	default:
		text_format(why, "the sets exempt4 and exempt6 can not be changed: %s",
		    strerror(errno));
	}
	return -1;
}

/*
 * The interface.
 */

/* Ends the transaction, which has been put together or, with result -1, has not. */
static int
transaction_end(struct transaction *transaction, int result, struct text *why)
{
	if (result == 0) {
		transaction->used += nftnl_batch_end(
		    transaction->buffer + transaction->used, transaction->sequence++)
					 ->nlmsg_len;
		result = kernel_do(transaction->buffer, transaction->used);
	}
	if (result == -1)
		(void)sets_failed(why);
	free(transaction->buffer);
	return result;
}

/* One message for each family that has any. 0, or -1 with errno ENOMEM. */
static int
transaction_step(struct transaction *transaction, const struct step *step,
    const struct exempt_change *changes, size_t count, int64_t wall_ms)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++) {
		bool any;
		struct nftnl_set *set =
		    set_for(step, (enum address_family)family, changes, count, wall_ms, &any);

		if (set == NULL)
			return -1;
		if (any)
			transaction_elements(transaction, step->type, set);
		nftnl_set_free(set);
	}
	return 0;
}

int
exempt_sets_change(
    const struct exempt_change *changes, size_t count, int64_t wall_ms, struct text *why)
{
	struct transaction transaction;
	int result = transaction_begin(&transaction, count);

	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		for (size_t done = 0; result == 0 && done < count; done += MESSAGE_CHANGES) {
			size_t some =
			    count - done < MESSAGE_CHANGES ? count - done : MESSAGE_CHANGES;

			result = transaction_step(
			    &transaction, &steps[i], changes + done, some, wall_ms);
		}
	}
	return transaction_end(&transaction, result, why);
}

int
exempt_sets_flush(struct text *why)
{
	struct transaction transaction;
	int result = transaction_begin(&transaction, 0);

	for (unsigned family = 0; result == 0 && family < ADDRESS_FAMILIES; family++) {
		struct nftnl_set *set = named_set((enum address_family)family);

		if (set == NULL) {
			result = -1;
			break;
		}
		transaction_elements(&transaction, NFT_MSG_DELSETELEM, set);
		nftnl_set_free(set);
	}
	return transaction_end(&transaction, result, why);
}

/* Whether the set is there, and holds the address, unless that is NULL. 0, or -1 with errno. */
static int
set_look(enum address_family family, const struct address *address)
{
	char buffer[QUESTION_SIZE];
	struct nftnl_set *set = named_set(family);
	int result = set == NULL ? -1 : 0;

	if (result == 0 && address != NULL)
		result = put_element(set, address->octets, family, 0, 0);
	if (result == 0) {
		struct nlmsghdr *message = nftnl_nlmsg_build_hdr(buffer,
		    address == NULL ? NFT_MSG_GETSET : NFT_MSG_GETSETELEM, NFPROTO_INET,
		    NLM_F_ACK, 0);

		if (address == NULL)
			nftnl_set_nlmsg_build_payload(message, set);
		else
			nftnl_set_elems_nlmsg_build_payload(message, set);
		result = kernel_do(message, message->nlmsg_len);
	}
	if (set != NULL)
		nftnl_set_free(set);
	return result;
}

int
exempt_sets_look(const struct network *networks, size_t count, struct text *why)
{
	for (unsigned family = 0; family < ADDRESS_FAMILIES; family++)
		if (set_look((enum address_family)family, NULL) == -1)
			return sets_failed(why);
	for (size_t i = 0; i < count; i++) {
		const struct address *address = &networks[i].address;

		if (set_look((enum address_family)address->family, address) == 0)
			continue;
		if (errno != ENOENT)
			return sets_failed(why);
		network_format(why, &networks[i]);
		text_format(why, " is no longer in the set %s: it was flushed, or made anew",
		    sets[address->family]);
		return -1;
	}
	return 0;
}
