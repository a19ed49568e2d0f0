/** A small HTTP/1.1 server for metrics, health and the admin socket, and the command line's client of the latter. */
@NullMarked
package net.vgate.http;

import org.jspecify.annotations.NullMarked;
