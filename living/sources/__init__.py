"""One registry per module: `fetch` bytes politely, `parse` bytes into Records; `registry` names them."""
