// While a proof runs there is nothing to type on its page, so the page may look again by itself.
setTimeout(() => location.reload(), 5000);
