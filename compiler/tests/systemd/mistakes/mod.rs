//! What a document for such a move had wrong, or left to whoever reads it at night: what the plan does instead, mistake by mistake.

mod control_plane;
mod dns;
mod etcd;
mod nodes;
