/* secret_in.c - see secret_in.h */
#include "cli/secret_in.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void secret_in_wipe(char password[SECRET_IN_MOST])
{
	sodium_memzero(password, SECRET_IN_MOST);
}

/* One line, byte by byte: what follows it stays in stdin for others. false: too long. */
static bool read_line(char line[SECRET_IN_MOST])
{
	size_t len = 0;
	char c;
	while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
		if (len + 1 >= SECRET_IN_MOST)
			return false;
		line[len++] = c;
	}
	if (len && line[len - 1] == '\r')
		len--;
	line[len] = '\0';
	return true;
}

static bool ask(const char *question, char answer[SECRET_IN_MOST])
{
	struct termios before, silent;
	bool is_silent = tcgetattr(STDIN_FILENO, &before) == 0;
	fputs(question, stderr);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	if (is_silent)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	bool fine = read_line(answer);
	if (is_silent)
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return fine;
}

static int ask_twice(struct cli *cli, char password_out[SECRET_IN_MOST])
{
	char again[SECRET_IN_MOST];
	if (!ask("Password (empty: make a one-time link instead): ", password_out))
		return cli_fail(cli, "the password is longer than %d bytes.",
				SECRET_IN_MOST - 1);
	if (!*password_out)
		return CLI_OK;
	bool same = ask("Again: ", again) && strcmp(password_out, again) == 0;
	secret_in_wipe(again);
	return same ? CLI_OK
		    : cli_fail(cli, "the two are not the same; nothing was changed.");
}

int secret_in_password(struct cli *cli, char password_out[SECRET_IN_MOST])
{
	password_out[0] = '\0';
	if (isatty(STDIN_FILENO))
		return ask_twice(cli, password_out);
	if (!read_line(password_out))
		return cli_fail(cli, "the password on stdin is longer than %d bytes.",
				SECRET_IN_MOST - 1);
	return CLI_OK;
}
