"""One panel a file; each asks one question and shows one answer."""
