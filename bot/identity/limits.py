"""How often codes may be asked for and tried, and what that leaves to somebody who guesses.

A guess is right once in a million, because it is compared with one code only: the guesser's conversation has one code
at a time, and it works in no other. What counts is therefore the number of guesses, whatever the number of
conversations, processes and codes:

- one code: 5 tries, 1 in 200,000;
- one address: 10 wrong codes in any hour, 1 in 100,000; 20 in any day, 1 in 50,000;
- one address attacked without a pause for a year: 7,300 guesses, 0.73 %, and its owner gets a mail for every code.

The price: somebody who spends these on another person's address keeps that person from using codes for up to a day.
Signing in at the host site and asking the team still work. Guessing spread over many addresses is slowed down by the
limits for each network.

The console has counters of its own: what strangers ask for in the chat keeps nobody from signing in, and tells nobody
who is staff. There the same numbers hold for an address and a network together, and wider ones for the address from
everywhere, so that a stranger's tries do not count for the owner's: at most 40 guesses a day, 1.5 % in a year.
"""

import datetime

from bot.limit import DAY, HOUR, Limit

CODE_LIFETIME = datetime.timedelta(minutes=10)  # slow mail servers (greylisting) take some minutes
TYPED_AGAIN = datetime.timedelta(minutes=5)  # a message whose answer was lost with a server comes again by then
TRIES_PER_CODE = 5  # slips of the finger are forgiven, see above for guesses
RESEND = Limit(1, datetime.timedelta(seconds=30))  # by then most mail is there; also stops a double click
CODES_PER_ADDRESS = (Limit(5, HOUR), Limit(20, DAY))  # nobody's mailbox is flooded by others
CODES_PER_CONVERSATION = (Limit(5, HOUR),)  # nobody walks through a list of addresses
CODES_PER_NETWORK = (Limit(60, HOUR), Limit(200, DAY))  # a whole class may have one; each asks once or twice
CODES_IN_ALL = (Limit(1000, HOUR),)  # mails that strangers can make us send, from however many networks
SIGN_IN_CODES_PER_ADDRESS = (Limit(30, HOUR), Limit(100, DAY))  # to the console, from all networks together
SIGN_IN_WRONG_CODES_PER_ADDRESS = (Limit(20, HOUR), Limit(40, DAY))
WRONG_CODES_PER_ADDRESS = (Limit(10, HOUR), Limit(20, DAY))  # the guesses counted above
COUNTED = 2 * DAY  # rows younger than this are never purged: the limits count them, used tokens live a day
