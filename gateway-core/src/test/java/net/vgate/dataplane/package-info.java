/** What the data path counts and cuts, without a gateway around it. */
@NullMarked
package net.vgate.dataplane;

import org.jspecify.annotations.NullMarked;
