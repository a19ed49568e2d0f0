/** Certificates of gateways: an authority that issues them, PEM files, and what they say. */
@NullMarked
package net.vgate.pki;

import org.jspecify.annotations.NullMarked;
