/*
 * What is used of libuv. Its header is not among those of Node-API, but its interface is stable within version 1, which
 * every Node has; sizes are asked for at run time, and so is the number of the one kind of handle.
 */
#ifndef AMPHIS_EVENT_LOOP_H
#define AMPHIS_EVENT_LOOP_H

#include <stddef.h>

struct uv_loop_s;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
typedef void (*uv_poll_cb)(uv_poll_t *handle, int status, int events);
typedef void (*uv_close_cb)(uv_handle_t *handle);

#define UV_KIND_POLL 8
#define UV_EVENT_READABLE 1

size_t uv_handle_size(int kind);
const char *uv_handle_type_name(int kind);
int uv_poll_init(struct uv_loop_s *loop, uv_poll_t *handle, int descriptor);
int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int uv_poll_stop(uv_poll_t *handle);
void uv_close(uv_handle_t *handle, uv_close_cb callback);
void uv_ref(uv_handle_t *handle);
void uv_unref(uv_handle_t *handle);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_handle_set_data(uv_handle_t *handle, void *data);

#endif
