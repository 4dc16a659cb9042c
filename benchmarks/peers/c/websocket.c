#include "websocket.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* SHA-1 of a short text, for the answer to Sec-WebSocket-Key. */
static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void sha1(const unsigned char *text, size_t length, unsigned char out[20]) {
  uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  unsigned char block[128] = {0};
  size_t total = length + 9 > 64 ? 128 : 64;
  memcpy(block, text, length);
  block[length] = 0x80;
  for (int i = 0; i < 8; i++) block[total - 1 - i] = (unsigned char)((uint64_t)length * 8 >> (8 * i));
  for (size_t at = 0; at < total; at += 64) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int i = 0; i < 16; i++)
      w[i] = (uint32_t)block[at + 4 * i] << 24 | block[at + 4 * i + 1] << 16 | block[at + 4 * i + 2] << 8 | block[at + 4 * i + 3];
    for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 80; i++) {
      uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
      uint32_t k = i < 20 ? 0x5A827999 : i < 40 ? 0x6ED9EBA1 : i < 60 ? 0x8F1BBCDC : 0xCA62C1D6;
      uint32_t t = rotate(a, 5) + f + e + k + w[i];
      e = d, d = c, c = rotate(b, 30), b = a, a = t;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 20; i++) out[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const unsigned char *in, char *out) { /* 20 bytes to 28 characters */
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0; i < 20; i += 3) {
    uint32_t v = (uint32_t)in[i] << 16 | in[i + 1] << 8 | (i + 2 < 20 ? in[i + 2] : 0);
    for (int k = 0; k < 4; k++) *out++ = digits[v >> (18 - 6 * k) & 63];
  }
  out[-1] = '=';
  *out = 0;
}

size_t websocket_reply(const char *key, size_t length, char reply[256]) {
  unsigned char hash[20];
  char text[128], accept[32];
  if (length > 24) return 0;
  memcpy(text, key, length);
  strcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  sha1((unsigned char *)text, strlen(text), hash);
  base64(hash, accept);
  return (size_t)sprintf(
      reply, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
}

size_t websocket_head(size_t length, char head[WEBSOCKET_MAX_HEAD]) {
  head[0] = (char)(0x80 | WEBSOCKET_TEXT);
  if (length < 126) {
    head[1] = (char)length;
    return 2;
  }
  head[1] = 126, head[2] = (char)(length >> 8), head[3] = (char)length;
  return 4;
}

size_t websocket_read(char *in, size_t have, websocket_frame *frame) {
  unsigned char *at = (unsigned char *)in;
  if (have < 2) return 0;
  size_t length = at[1] & 127, head = 6;
  if (length == 126) {
    if (have < 4) return 0;
    length = (size_t)at[2] << 8 | at[3], head = 8;
  } else if (length == 127) {
    return SIZE_MAX; /* longer than anything that is read here */
  }
  if (have >= head + length) {
    for (size_t i = 0; i < length; i++) at[head + i] ^= at[head - 4 + i % 4];
    frame->opcode = at[0] & 15, frame->bytes = in + head, frame->length = length;
  }
  return head + length;
}
