"""The process that does what a TypeScript program asks (spec/worker.md)."""
