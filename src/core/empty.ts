/** Stands in for a module that the bundle must not carry. */
export {};
