"""One poll that uses everything an author may write, for tests of what becomes of it."""

from __future__ import annotations

RICH = """\
name: rich
languages: [en, sw]
title: Rich
sender: Peace Forum
keywords: [RICH]
consent: {version: "1", text: "{sender} asks. Join?"}
thanks: "Thank you, {camp}"
calendar: ethiopian
zone: Africa/Nairobi
opens: 2026-12-01 08:00
closes: 2026-12-15 20:00
reminders: {count: 2, after: 24h}
expires: 3d
partial: 1
one_answer: no
invite: panel
limits: {minutes: 15, segments: 60, cost: 0.80 USD}
experiments:
  - {id: frame, arms: [peace, war]}
eligible:
  when: age >= 18
  text: For people of 18 and older.
quotas:
  - {id: northern, when: region == north, limit: 25}
questions:
  - id: region
    type: one-of
    text: Where?
    purpose: to compare
    options:
      - {id: north, label: North}
      - {id: coast, label: Coast}
  - id: age
    type: number
    text: {en: "How old are you, in {region}?", sw: "Una miaka mingapi?"}
    purpose: to know who is eligible
    minimum: 0
    maximum: 120
    instead:
      - {when: frame == war, text: Your age?}
  - id: works
    type: yes-no
    text: Do you work?
    purpose: to compare
    relevant: yes
    skip: {to: needs, when: works == no}
  - id: hours
    type: number
    text: How many hours?
    purpose: to compare
    required: no
  - id: pay
    type: scale
    minimum: 1
    maximum: 5
    text: Is the pay good?
    purpose: to compare
  - id: needs
    type: many-of
    order: random
    text: What is needed?
    purpose: to compare
    options:
      - {id: water, label: Water}
      - {id: boats, label: Boats, when: region == coast}
      - {id: roads, label: Roads}
  - id: household
    type: group
    when: region == north
    order: random
    questions:
      - id: roof
        type: yes-no
        text: Is there a roof?
        purpose: to know the need
      - id: floor
        type: yes-no
        text: Is there a floor?
        purpose: to know the need
      - id: more
        type: group
        questions:
          - {id: door, type: yes-no, text: A door?, purpose: to know the need}
          - {id: lock, type: yes-no, text: A lock?, purpose: to know the need, when: door == yes}
  - id: children
    type: number
    minimum: 0
    maximum: 10
    text: How many children?
    purpose: to know the need
  - id: child
    type: repeat
    count: children
    most: 3
    questions:
      - id: years
        type: number
        minimum: 0
        maximum: 17
        text: How old is child {number}?
        purpose: to know the need
      - id: school
        type: yes-no
        when: years > 5
        text: Does child {number}, {years} years old, go to school?
        purpose: to know the need
  - id: camp
    type: value
    value: if(sum(years) > 20, large, small)
    purpose: to say thanks
  - id: word
    type: note
    text: "You said {needs}."
  - id: leave
    type: yes-no
    text: Shall we stop here?
    purpose: to be kind
    skip: {to: end, when: leave == yes}
  - id: last
    type: open
    text: Anything else?
    purpose: to hear what we did not ask
"""
