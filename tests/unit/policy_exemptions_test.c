/*
 * The table of runtime exemptions: against a plain array, at its maximum, while threads ask,
 * and with a million networks against the clock.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/exemptions.h"
#include "policy_testing.h"

static struct exemptions *
a_table(size_t maximum)
{
	struct exemptions *exemptions = exemptions_new(maximum);

	assert_non_null(exemptions);
	return exemptions;
}

static void
add(struct exemptions *exemptions, const char *network, int64_t until_ms)
{
	struct exemption exemption = {a_network(network), until_ms};

	assert_int_equal(exemptions_add(exemptions, &exemption), 0);
}

/* network: the one that must be found, or NULL. */
static void
expect_found(const struct exemptions *exemptions, const char *address_text, int64_t wall_ms,
    const char *network_text, int64_t until_ms)
{
	struct address address = an_address(address_text);
	struct exemption found;

	bool holds = exemptions_find(exemptions, &address, wall_ms, &found);
	assert_int_equal(holds, network_text != NULL);
	if (!holds)
		return;
	struct network network = a_network(network_text);
	assert_true(network_equal(&found.network, &network));
	assert_int_equal(found.until_ms, until_ms);
}

static void
the_most_specific_that_lasts_is_found(void **state)
{
	struct exemptions *exemptions = a_table(10);

	(void)state;
	expect_found(exemptions, "203.0.113.9", 0, NULL, 0);
	add(exemptions, "203.0.113.0/24", 300);
	add(exemptions, "203.0.113.9", 200);
	add(exemptions, "::/0", 100);
	add(exemptions, "0.0.0.0/0", 400);
	expect_found(exemptions, "203.0.113.9", 199, "203.0.113.9", 200);
	expect_found(exemptions, "203.0.113.9", 200, "203.0.113.0/24", 300);
	expect_found(exemptions, "203.0.113.9", 300, "0.0.0.0/0", 400);
	expect_found(exemptions, "203.0.113.9", 400, NULL, 0);
	expect_found(exemptions, "203.0.114.9", 0, "0.0.0.0/0", 400);
	expect_found(exemptions, "2001:db8::1", 99, "::/0", 100);
	expect_found(exemptions, "2001:db8::1", 100, NULL, 0);
	/* Equal bits and length, the other family: not the same network. */
	add(exemptions, "cb00:7109::/32", 500);
	expect_found(exemptions, "203.0.113.9", 0, "203.0.113.9", 200);
	expect_found(exemptions, "cb00:7109::1", 0, "cb00:7109::/32", 500);
	exemptions_free(exemptions);
	exemptions_free(NULL);
}

static void
an_end_can_be_moved(void **state)
{
	struct exemptions *exemptions = a_table(1);
	struct network network = a_network("2001:db8::/128");

	(void)state;
	add(exemptions, "2001:db8::/128", 10);
	add(exemptions, "2001:db8::/128", 20);
	assert_int_equal(exemptions_count(exemptions), 1);
	expect_found(exemptions, "2001:db8::", 15, "2001:db8::/128", 20);
	assert_int_equal(exemptions_remove(exemptions, &network), 0);
	expect_found(exemptions, "2001:db8::", 0, NULL, 0);
	assert_int_equal(exemptions_remove(exemptions, &network), -1);
	assert_int_equal(errno, ENOENT);
	exemptions_free(exemptions);
}

static void
the_maximum_holds(void **state)
{
	struct exemptions *exemptions = a_table(2);
	struct exemption more = {a_network("192.0.2.3"), 10};
	struct network first = a_network("192.0.2.1");

	(void)state;
	add(exemptions, "192.0.2.1", 10);
	add(exemptions, "192.0.2.2", 10);
	assert_int_equal(exemptions_add(exemptions, &more), -1);
	assert_int_equal(errno, ENOSPC);
	add(exemptions, "192.0.2.2", 11); /* one that is there needs no room */
	assert_int_equal(exemptions_remove(exemptions, &first), 0);
	assert_int_equal(exemptions_add(exemptions, &more), 0);
	assert_int_equal(exemptions_count(exemptions), 2);
	assert_int_equal(exemptions_maximum(exemptions), 2);
	exemptions_free(exemptions);
}

/*
 * Against a plain array.
 */

enum {
	MODEL_SIZE = 300,
	MODEL_STEPS = 60000,
};

struct model {
	struct exemption list[MODEL_SIZE];
	size_t count;
};

static struct exemption *
model_find(struct model *model, const struct network *network)
{
	for (size_t i = 0; i < model->count; i++)
		if (network_equal(&model->list[i].network, network))
			return &model->list[i];
	return NULL;
}

static const struct exemption *
model_ask(const struct model *model, const struct address *address, int64_t wall_ms)
{
	const struct exemption *best = NULL;

	for (size_t i = 0; i < model->count; i++) {
		const struct exemption *exemption = &model->list[i];

		if (wall_ms < exemption->until_ms &&
		    holds_bit_by_bit(&exemption->network, address) &&
		    (best == NULL || exemption->network.length > best->network.length))
			best = exemption;
	}
	return best;
}

/* Lengths are few, so that networks repeat, and at the ends of the words of the bitmap. */
static struct exemption
random_exemption(struct randomness *randomness)
{
	static const uint8_t lengths[ADDRESS_FAMILIES][8] = {
	    {0, 1, 8, 23, 24, 30, 31, 32}, {0, 1, 48, 63, 64, 65, 127, 128}};
	enum address_family family =
	    (enum address_family)random_below(randomness, ADDRESS_FAMILIES);
	struct address address = random_crowded_address(randomness, family);

	return (struct exemption){
	    address_network(&address, lengths[family][random_below(randomness, 8)]),
	    1 + random_below(randomness, 60)};
}

/* Half of them are within something that is, or was a moment ago, in the table. */
static struct address
random_probe(struct randomness *randomness, const struct model *model)
{
	if (random_below(randomness, 2) == 0)
		return model->list[random_below(randomness, MODEL_SIZE)].network.address;
	return random_crowded_address(
	    randomness, (enum address_family)random_below(randomness, ADDRESS_FAMILIES));
}

static void
change_both(
    struct exemptions *exemptions, struct model *model, const struct exemption *exemption)
{
	struct exemption *known = model_find(model, &exemption->network);

	if (known != NULL && exemption->until_ms % 2 == 0) {
		assert_int_equal(exemptions_remove(exemptions, &exemption->network), 0);
		*known = model->list[--model->count];
	} else if (known != NULL) {
		assert_int_equal(exemptions_add(exemptions, exemption), 0);
		*known = *exemption;
	} else if (model->count < MODEL_SIZE) {
		assert_int_equal(exemptions_add(exemptions, exemption), 0);
		model->list[model->count++] = *exemption;
	} else {
		assert_int_equal(exemptions_add(exemptions, exemption), -1);
		assert_int_equal(errno, ENOSPC);
	}
}

static void
it_agrees_with_an_array(void **state)
{
	static struct model model;
	struct randomness randomness = {.state = 4};
	struct exemptions *exemptions = a_table(MODEL_SIZE);
	unsigned found_count = 0;

	(void)state;
	for (unsigned step = 0; step < MODEL_STEPS; step++) {
		struct exemption exemption = random_exemption(&randomness);
		struct address address = random_probe(&randomness, &model);
		int64_t wall_ms = random_below(&randomness, 100);
		struct exemption found;

		change_both(exemptions, &model, &exemption);
		const struct exemption *expected = model_ask(&model, &address, wall_ms);
		bool holds = exemptions_find(exemptions, &address, wall_ms, &found);
		assert_int_equal(holds, expected != NULL);
		if (holds) {
			assert_true(network_equal(&found.network, &expected->network));
			assert_int_equal(found.until_ms, expected->until_ms);
			found_count++;
		}
		assert_int_equal(exemptions_count(exemptions), model.count);
	}
	/* Both answers came up often. */
	assert_true(found_count > MODEL_STEPS / 20);
	assert_true(found_count < MODEL_STEPS / 20 * 19);
	exemptions_free(exemptions);
}

/*
 * Threads.
 */

struct asking {
	const struct exemptions *exemptions;
	atomic_bool stop;
};

static struct network
numbered(uint32_t number)
{
	struct network network = {.length = ADDRESS_BITS_IPV4};
	/* Neighbours in number are not neighbours in address. */
	uint32_t bits = htobe32(number * UINT32_C(2654435761));

	memcpy(network.address.octets, &bits, sizeof bits);
	return network;
}

/* NULL unless the one that stays was missed, or an end was seen that nobody gave. */
static void *
ask(void *argument)
{
	struct asking *asking = argument;
	struct address stays = an_address("2001:db8::5");
	struct exemption found;

	for (uint32_t i = 0; !atomic_load(&asking->stop); i++) {
		struct network network = numbered(i % 5000);

		if (!exemptions_find(asking->exemptions, &stays, 0, &found))
			return argument;
		if (exemptions_find(asking->exemptions, &network.address, 0, &found) &&
		    found.until_ms != i % 5000 + 1)
			return argument;
	}
	return NULL;
}

static void
threads_may_ask_while_it_changes(void **state)
{
	enum {
		THREADS = 3,
		ROUNDS = 4
	};
	struct exemptions *exemptions = a_table(10000);
	struct asking asking = {.exemptions = exemptions};
	pthread_t threads[THREADS];

	(void)state;
	add(exemptions, "2001:db8::/64", 10);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &asking), 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (uint32_t i = 0; i < 5000; i++) {
			struct exemption exemption = {numbered(i), i + 1};

			assert_int_equal(exemptions_add(exemptions, &exemption), 0);
		}
		for (uint32_t i = 0; i < 5000; i++) {
			struct network network = numbered(i);

			assert_int_equal(exemptions_remove(exemptions, &network), 0);
		}
	}
	atomic_store(&asking.stop, true);
	for (unsigned i = 0; i < THREADS; i++) {
		void *failed;

		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
	exemptions_free(exemptions);
}

/*
 * A million.
 */

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
print_rate(const char *what, double since, unsigned count)
{
	double now = seconds();

	printf("%-34s %6.1f ns each\n", what, (now - since) / count * 1e9);
	return now;
}

static unsigned
count_found(const struct exemptions *exemptions, uint32_t from, uint32_t to)
{
	struct exemption found;
	unsigned count = 0;

	for (uint32_t i = from; i < to; i++) {
		struct network network = numbered(i);

		count += exemptions_find(exemptions, &network.address, 0, &found);
	}
	return count;
}

static void
a_million_come_and_go(void **state)
{
	enum {
		MILLION = 1000000
	};
	struct exemptions *exemptions = a_table(MILLION);

	(void)state;
	double since = seconds();
	assert_int_equal(count_found(exemptions, 0, MILLION), 0);
	since = print_rate("look up, the table is empty", since, MILLION);
	for (uint32_t i = 0; i < MILLION; i++) {
		struct exemption exemption = {numbered(i), 1};

		assert_int_equal(exemptions_add(exemptions, &exemption), 0);
	}
	since = print_rate("add, up to a million", since, MILLION);
	assert_int_equal(count_found(exemptions, 0, MILLION), MILLION);
	since = print_rate("look up, one of a million", since, MILLION);
	assert_int_equal(count_found(exemptions, MILLION, 2 * MILLION), 0);
	since = print_rate("look up, none of a million", since, MILLION);
	for (uint32_t i = MILLION; i-- > 0;) {
		struct network network = numbered(i);

		assert_int_equal(exemptions_remove(exemptions, &network), 0);
	}
	print_rate("remove", since, MILLION);
	assert_int_equal(exemptions_count(exemptions), 0);
	exemptions_free(exemptions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_most_specific_that_lasts_is_found),
	    cmocka_unit_test(an_end_can_be_moved),
	    cmocka_unit_test(the_maximum_holds),
	    cmocka_unit_test(it_agrees_with_an_array),
	    cmocka_unit_test(threads_may_ask_while_it_changes),
	    cmocka_unit_test(a_million_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
