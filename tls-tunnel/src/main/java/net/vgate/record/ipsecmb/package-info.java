/** AES-GCM by libipsec-mb (intel-ipsec-mb), called through JNA: a whole batch of records in one call. */
@NullMarked
package net.vgate.record.ipsecmb;

import org.jspecify.annotations.NullMarked;
