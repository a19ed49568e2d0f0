/** The configuration file: its records, the strict reader, problems with file and line. */
@NullMarked
package net.vgate.config;

import org.jspecify.annotations.NullMarked;
