/* What each system says of its errors. */
#ifndef BIPOLL_ERROR_TEXT_H
#define BIPOLL_ERROR_TEXT_H

#include "engine.h"

/* Writes the text of an errno, which holds capacity bytes at most. */
void bp_error_describe(int number, char *text, size_t capacity);

#endif
