"""The application: takes messages in, steps conversations, stores, delivers, and shows what came of it."""
