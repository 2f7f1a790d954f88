# embed.awk - turns text files into C strings, so that the program carries them.
#
#	awk -f embed.awk schema_001.sql … > schema_sql.h
#
# Each file becomes `static const char schema_001_sql[]`: its name without folder, with _ for what a C name cannot have.

function c_name(path) {
	sub(/^.*\//, "", path)
	gsub(/[^A-Za-z0-9_]/, "_", path)
	return path
}

# Character by character: what gsub() makes of backslashes differs between awks. "?" is escaped because of trigraphs.
function c_string(line,    out, i, c) {
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		out = out (c == "\\" || c == "\"" || c == "?" ? "\\" c : c)
	}
	return "\t\"" out "\\n\""
}

BEGIN {
	print "/* Made by embed.awk: change the files it was made from. */"
	for (arg = 1; arg < ARGC; arg++) {
		printf "\nstatic const char %s[] =\n\t\"\"\n", c_name(ARGV[arg])
		while ((got = (getline line < ARGV[arg])) > 0)
			print c_string(line)
		if (got < 0) {
			print "embed.awk: cannot read " ARGV[arg] > "/dev/stderr"
			exit 1
		}
		print "\t;"
	}
}
