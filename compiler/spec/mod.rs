//! What the user wrote, field for field.
