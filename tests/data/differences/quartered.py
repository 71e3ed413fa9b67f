"""The same work but for one function, which does a quarter of its rounds after the change:
`python quartered.py before|after DAYS`. So its true cost after is 0.25 of what it was before.
"""

import sys

ROUNDS = {"before": 800, "after": 200}


def total(rounds):
    found = 0
    for i in range(rounds):
        found += i * i % 7
    return found


def largest(count):
    best = 0
    for i in range(count):
        if i * 31 % 97 > best:
            best = i * 31 % 97
    return best


def odd(count):
    found = 0
    for i in range(count):
        if i % 2:
            found += 1
    return found


def mixed(count):
    state = 7
    for _ in range(count):
        state = (state * 31 + 17) % 65521
    return state


def steps(count):
    number, found = count, 0
    while number > 1:
        number = number // 2 if number % 2 == 0 else number * 3 + 1
        found += 1
    return found


def day(rounds):
    for _ in range(100):
        total(rounds)
        largest(250)
        odd(300)
        mixed(250)
        steps(97)


def main(version, days):
    for _ in range(days):
        day(ROUNDS[version])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
