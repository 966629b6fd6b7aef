/*
 * One netlink request for each counter, and its answer.
 */
#include "control/bypass_counters.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/object.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

/* Of control/firewall.h. */
static const char *const names[] = {
    [ADDRESS_IPV4] = "bypass4",
    [ADDRESS_IPV6] = "bypass6",
};
_Static_assert(sizeof names / sizeof *names == ADDRESS_FAMILIES, "one name per family");

static int
counter_cb(const struct nlmsghdr *message, void *argument)
{
	uint64_t *packets = argument;
	struct nftnl_obj *object = nftnl_obj_alloc();

	if (object == NULL)
		return MNL_CB_ERROR;
	if (nftnl_obj_nlmsg_parse(message, object) == 0)
		*packets = nftnl_obj_get_u64(object, NFTNL_OBJ_CTR_PKTS);
	nftnl_obj_free(object);
	return MNL_CB_OK;
}

/* 0 with the length of the request, or -1 with errno ENOMEM. */
static int
build(char *buffer, const char *name, struct nlmsghdr **request)
{
	struct nftnl_obj *object = nftnl_obj_alloc();

	if (object == NULL)
		return -1;
	*request = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETOBJ, NFPROTO_INET, NLM_F_ACK, 1);
	nftnl_obj_set_str(object, NFTNL_OBJ_TABLE, "op25b");
	nftnl_obj_set_str(object, NFTNL_OBJ_NAME, name);
	nftnl_obj_set_u32(object, NFTNL_OBJ_TYPE, NFT_OBJECT_COUNTER);
	nftnl_obj_nlmsg_build_payload(*request, object);
	nftnl_obj_free(object);
	return 0;
}

/* The answers to one request, up to its acknowledgement. 0, or -1 with errno. */
static int
take_answers(struct mnl_socket *netlink, char *buffer, size_t size, uint64_t *packets)
{
	unsigned port = mnl_socket_get_portid(netlink);
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		ssize_t length = mnl_socket_recvfrom(netlink, buffer, size);

		if (length <= 0)
			return -1;
		more = mnl_cb_run(buffer, (size_t)length, 1, port, counter_cb, packets);
	}
	return more;
}

static int
read_counter(struct mnl_socket *netlink, const char *name, uint64_t *packets)
{
	char buffer[32768]; /* as MNL_SOCKET_BUFFER_SIZE is at most */
	struct nlmsghdr *request;

	if (build(buffer, name, &request) == -1 ||
	    mnl_socket_sendto(netlink, request, request->nlmsg_len) == -1)
		return -1;
	return take_answers(netlink, buffer, sizeof buffer, packets);
}

int
bypass_counters_read_others(
    const char *const *wanted, size_t count, uint64_t *packets, bool *there, struct text *why)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int result = -1;

	*there = false;
	if (netlink == NULL || mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) == -1)
		goto out;
	for (size_t i = 0; i < count; i++) {
		packets[i] = 0;
		if (read_counter(netlink, wanted[i], &packets[i]) == -1) {
			if (errno == ENOENT)
				result = 0; /* without there */
			goto out;
		}
	}
	*there = true;
	result = 0;
out:
	if (result == -1)
		text_format(why, "nf_tables: %s", strerror(errno));
	if (netlink != NULL)
		mnl_socket_close(netlink);
	return result;
}

int
bypass_counters_read(struct bypass_counters *counters, struct text *why)
{
	*counters = (struct bypass_counters){0};
	return bypass_counters_read_others(
	    names, ADDRESS_FAMILIES, counters->packets, &counters->there, why);
}
