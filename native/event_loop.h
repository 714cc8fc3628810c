/*
 * What is used of libuv. Its header is not among those of Node-API, but its interface is stable within version 1, which
 * every Node has; sizes are asked for at run time, and so are the numbers of the kinds of handles.
 */
#ifndef AMPHIS_EVENT_LOOP_H
#define AMPHIS_EVENT_LOOP_H

#include <stddef.h>

struct uv_loop_s;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_prepare_s uv_prepare_t;
typedef struct uv_idle_s uv_idle_t;
typedef void (*uv_poll_cb)(uv_poll_t *handle, int status, int events);
typedef void (*uv_prepare_cb)(uv_prepare_t *handle);
typedef void (*uv_idle_cb)(uv_idle_t *handle);
typedef void (*uv_close_cb)(uv_handle_t *handle);

#define UV_KIND_IDLE 6
#define UV_KIND_POLL 8
#define UV_KIND_PREPARE 9
#define UV_EVENT_READABLE 1

size_t uv_handle_size(int kind);
const char *uv_handle_type_name(int kind);
int uv_poll_init(struct uv_loop_s *loop, uv_poll_t *handle, int descriptor);
int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int uv_poll_stop(uv_poll_t *handle);
int uv_prepare_init(struct uv_loop_s *loop, uv_prepare_t *handle);
int uv_prepare_start(uv_prepare_t *handle, uv_prepare_cb callback);
int uv_prepare_stop(uv_prepare_t *handle);
int uv_idle_init(struct uv_loop_s *loop, uv_idle_t *handle);
int uv_idle_start(uv_idle_t *handle, uv_idle_cb callback);
int uv_idle_stop(uv_idle_t *handle);
int uv_backend_timeout(const struct uv_loop_s *loop);
void uv_close(uv_handle_t *handle, uv_close_cb callback);
void uv_ref(uv_handle_t *handle);
void uv_unref(uv_handle_t *handle);
void *uv_handle_get_data(const uv_handle_t *handle);
void uv_handle_set_data(uv_handle_t *handle, void *data);

#endif
