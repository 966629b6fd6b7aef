/*
 * A chain of blocks that strings are copied into; nothing is freed before the whole. One thread
 * at a time.
 */
#include "config/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_BLOCK_SIZE = 8192, /* octets of strings in an ordinary block */
};

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char bytes[];
};

static struct arena_block *
arena_grow(struct arena *arena, size_t need)
{
	size_t size = need > ARENA_BLOCK_SIZE ? need : ARENA_BLOCK_SIZE;
	struct arena_block *block = malloc(sizeof *block + size);

	if (block == NULL)
		return NULL;
	block->used = 0;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

const char *
arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	struct arena_block *block = arena->blocks;

	if (block == NULL || block->size - block->used <= length)
		block = arena_grow(arena, length + 1);
	if (block == NULL) {
		arena->exhausted = true;
		return "";
	}
	char *copy = block->bytes + block->used;
	memcpy(copy, bytes, length);
	copy[length] = '\0';
	block->used += length + 1;
	return copy;
}

const char *
arena_copy_string(struct arena *arena, const char *string)
{
	return arena_copy(arena, string, strlen(string));
}

void
arena_fini(struct arena *arena)
{
	while (arena->blocks != NULL) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}
