/* err.c - see err.h */
#include "base/err.h"

#include <assert.h>

static const struct {
	const char *code;
	int status;
	const char *title;
} err_table[ERR_COUNT] = {
#define E(name, code, status, title) [name] = {code, status, title},
#include "base/err.def"
#undef E
};

const char *err_code(enum err err)
{
	assert(err >= 0 && err < ERR_COUNT);
	return err_table[err].code;
}

int err_status(enum err err)
{
	assert(err >= 0 && err < ERR_COUNT);
	return err_table[err].status;
}

const char *err_title(enum err err)
{
	assert(err >= 0 && err < ERR_COUNT);
	return err_table[err].title;
}

bool err_is_of_machine(enum err err)
{
	return err == ERR_IO || err == ERR_FULL || err == ERR_BUSY ||
	       err == ERR_LOCKED || err == ERR_UNSURE || err == ERR_CORRUPT;
}
