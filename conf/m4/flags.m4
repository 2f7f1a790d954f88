# HB_FLAGS(VARIABLE, FLAGS) - add to VARIABLE those of FLAGS that the C compiler takes.
AC_DEFUN([HB_FLAGS], [
  for hb_flag in $2; do
    hb_save_CFLAGS=$CFLAGS
    AC_MSG_CHECKING([whether $CC takes $hb_flag])
    CFLAGS="$CFLAGS $hb_flag -Werror"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [hb_ok=yes], [hb_ok=no])
    CFLAGS=$hb_save_CFLAGS
    AC_MSG_RESULT([$hb_ok])
    AS_IF([test $hb_ok = yes], [AS_VAR_APPEND([$1], [" $hb_flag"])])
  done
])
