"""From a sentence to one of the twelve commands, without a model: by the words of knowledge/."""
