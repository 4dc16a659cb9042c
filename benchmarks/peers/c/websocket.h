/* What limit.c needs of RFC 6455: the reply to a handshake, and frames of less than 64 KiB. */
#include <stddef.h>

enum { WEBSOCKET_MAX_HEAD = 4, WEBSOCKET_TEXT = 1, WEBSOCKET_CLOSE = 8 };

/* What a client sent; its bytes are unmasked where they are. */
typedef struct {
  int opcode;
  char *bytes;
  size_t length;
} websocket_frame;

/* Writes the reply to a request for an upgrade with this key. Returns its length, or 0 when that can be no key. */
size_t websocket_reply(const char *key, size_t length, char reply[256]);

/* Writes what a text of so many bytes begins with, and returns the length of that. */
size_t websocket_head(size_t length, char head[WEBSOCKET_MAX_HEAD]);

/* Returns how long the frame is with its head, or 0 as long as that is not known; it is read when all of it is there. */
size_t websocket_read(char *in, size_t have, websocket_frame *frame);
