"""From one inbound to what is said back: routing, the step, and the handlers of its effects."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from channels import render
from channels.adapter import DIRECT, Attached, Channel, Inbound, Located, Pressed, Typed
from gateway.ingest import guided, ussd
from gateway.ingest.doors import SAYS
from gateway.ingest.due import first_look
from gateway.ingest.invited import invitation
from gateway.ingest.limits import is_answered
from gateway.ingest.routing import Answer, Call
from gateway.ingest.rules import Rules, Taken
from gateway.ingest.unit import ACTIVE, PARKED, Held, Turn, Unit, Visitor, family, survey_of
from gateway.polls import CLOSED
from gateway.store import ids, replies, schema
from surveys import flow as flows
from surveys.engine import CONSENT
from surveys.flow import (
    Ask,
    Choice,
    Conversation,
    Effect,
    Event,
    Finish,
    Flow,
    HandOver,
    Location,
    Media,
    Outcome,
    Resume,
    Say,
    Start,
    Text,
    Timeout,
)
from surveys.prompt import Prompt, Reply

MOST_EVENTS = 1_000
"""A flow that is still not done after so many events of its own making is broken, and stopped. Quotas are fewer."""

WAITS = timedelta(days=1)
"""How long a flow that is no poll waits for its answer: a month after FORGET ME, "yes" is said to something else."""


class RunawayFlow(Exception):
    """A flow goes round in circles. Its text names the flow."""


class Converser:
    """Answers the inbounds of one batch."""

    def __init__(self, rules: Rules, unit: Unit, sessions: ussd.Sessions) -> None:
        self.rules = rules
        self.router = rules.router
        self.doors = rules.doors
        self.texts = rules.texts
        self.unit = unit
        self.sessions = sessions

    def hear(self, visitor: Visitor, channel: Channel, inbound: Inbound) -> Taken:
        if inbound.session is not None:
            return self._in_session(visitor, channel, inbound)
        turn = self._turn(visitor, channel, inbound, inbound.content)
        reply = tuple(turn.said)
        if reply and channel.medium not in DIRECT:
            sealed = self.unit.vault.seal(replies.dumps(reply), "reply")
            kind = "confirmation" if turn.leaves or visitor.stopped else "reply"
            self.unit.reply(visitor, channel, sealed, kind, visitor.poll if turn.asks else None)
        return Taken(reply, ends=not turn.asks)

    def again(self, channel: Channel, inbound: Inbound) -> Taken:
        """A repeated inbound: nothing changes, and a session is shown once more what it was shown."""
        if inbound.session is not None:
            _, screens = self.sessions.get((channel.name, ussd.key(self.unit.vault, inbound)), (0, None))
            if screens is not None:
                return Taken(screen=screens.shown, ends=screens.over, repeated=True)
        return Taken(repeated=True)

    # USSD ------------------------------------------------------------------------------------------------------

    def _in_session(self, visitor: Visitor, channel: Channel, inbound: Inbound) -> Taken:
        assert inbound.session is not None
        key = (channel.name, ussd.key(self.unit.vault, inbound))
        row, screens = self.sessions.get(key, (0, None))
        reply: Reply = ()
        for typed in ussd.fresh(inbound.session.transcript, screens.taken if screens else None):
            turned = screens.turned(typed) if screens else None
            if turned is None:
                turn = self._turn(visitor, channel, inbound, Typed(typed))
                reply = tuple(turn.said)
                turned = self._screens(channel, visitor, turn)
            screens = turned
        screens = replace(screens or ussd.Screens(), taken=inbound.session.transcript)
        if row:
            self.unit.keep_session(row, screens.dumps())
        elif not visitor.forgotten:
            row = ids.rising()
            self.unit.add(
                schema.ussd_sessions,
                id=row,
                channel=key[0],
                session=key[1],
                person=visitor.person,
                sealed_state=self.unit.vault.seal(screens.dumps(), "session"),
                updated_at=self.unit.now,
            )
        self.sessions[key] = (row, screens)
        return Taken(reply, screens.shown, screens.over)

    def _screens(self, channel: Channel, visitor: Visitor, turn: Turn) -> ussd.Screens:
        reply = tuple(turn.said)
        if not reply:  # a session is always shown something
            reply = (self._said("fallback", visitor.language),)
        language = reply[-1].language
        more, back = self.texts.say("more", language), self.texts.say("back", language)
        pages = render.screens(reply, channel.screen, more=more, back=back)
        return ussd.Screens(pages=pages, ends=not turn.asks)

    # Routing ---------------------------------------------------------------------------------------------------

    def _turn(self, visitor: Visitor, channel: Channel, inbound: Inbound, content: object) -> Turn:
        turn = Turn()
        self._leave_behind(visitor, channel)
        if visitor.stopped and channel.medium not in DIRECT:
            self._stopped(visitor, channel, inbound, content, turn)
            return turn
        match content:
            case Typed(""):
                self._opened(visitor, channel, inbound, turn)
            case Typed(text):
                self._typed(visitor, channel, inbound, text, turn)
            case Pressed(ask, key):
                self._answer(visitor, channel, Choice(ask, key), turn)
            case Located(latitude, longitude):
                self._answer(visitor, channel, Location(latitude, longitude), turn)
            case Attached(kind, reference, caption):
                self._answer(visitor, channel, Media(kind, reference, caption), turn)
        return turn

    def _leave_behind(self, visitor: Visitor, channel: Channel) -> None:
        """End, without a word, what waited too long, and interviews of which the guide was taken back."""
        for held in [one for one in visitor.open if survey_of(one.flow) is None]:
            if self.unit.now - held.updated_at > WAITS:
                waited = held.status == ACTIVE
                interrupted = self._give_up(visitor, held)
                if interrupted is not None and waited:
                    interrupted.status = ACTIVE
                    self.unit.keep(visitor, interrupted)
        for held in guided.taken_back(self.rules.may_interview, self.unit, visitor):
            self._feed(visitor, channel, held, Timeout(), Turn(), "taken back")

    def _stopped(self, visitor: Visitor, channel: Channel, inbound: Inbound, content: object, turn: Turn) -> None:
        """Who sent STOP hears only how to come back; a second STOP is not confirmed again."""
        text = content.text if isinstance(content, Typed) else ""
        if self.texts.means(text, "stop"):
            return
        for meaning in ("start", "mine", "forget", "help"):
            if self.texts.means(text, meaning):
                self._call(visitor, channel, inbound, Call(self.router.system[meaning]), turn)
                return
        active = visitor.active
        if active is not None and active.flow.brief:  # the yes or no after FORGET ME
            self._feed(visitor, channel, active, Text(text), turn)
            return
        start = self.texts.word("start", visitor.language)
        turn.said.append(self._said("stopped", visitor.language, start=start))

    def _opened(self, visitor: Visitor, channel: Channel, inbound: Inbound, turn: Turn) -> None:
        """A service code was dialled, a chat or a page opened: its own poll begins or goes on."""
        call = self.router.named(channel.start, channel.name) if channel.start else None
        call = call if call is None or guided.may(self.rules.may_interview, self.unit, visitor, call.flow) else None
        active = visitor.active
        broken_off = active is not None and not active.flow.brief and active.channel == channel.name
        # A code that begins with a list of what can be done goes on with what was broken off there.
        if call is not None and not (call.flow.brief and broken_off):
            self._call(visitor, channel, inbound, call, turn)
        elif active is not None:
            self._go_on(visitor, channel, active, Resume(), turn)
        else:
            self._call(visitor, channel, inbound, Call(self.router.system["help"]), turn)

    def _typed(self, visitor: Visitor, channel: Channel, inbound: Inbound, text: str, turn: Turn) -> None:
        active = visitor.active
        flow, conversation = (active.flow, active.conversation) if active else (None, None)
        guide = self.router.guide(text, flow, channel.name)
        if guide is not None and guided.may(self.rules.may_interview, self.unit, visitor, guide.flow):
            self._call(visitor, channel, inbound, guide, turn)
            return
        match self.router.route(text, flow, conversation, channel.name):
            case Call() as call:
                self._call(visitor, channel, inbound, call, turn)
            case Answer(leaving):
                assert active is not None
                if leaving:
                    language = active.conversation.language
                    stop = self.texts.word("stop", language)
                    turn.said.append(self._said("how_to_stop", language, stop=stop))
                self._go_on(visitor, channel, active, Text(text), turn)
            case _:
                self._fallback(visitor, channel, Text(text), turn)

    def _answer(self, visitor: Visitor, channel: Channel, event: Event, turn: Turn) -> None:
        active = visitor.active
        if active is None:
            self._fallback(visitor, channel, event, turn)
        else:
            self._go_on(visitor, channel, active, event, turn)

    def _takes_up(self, visitor: Visitor, channel: Channel, event: Event, turn: Turn) -> bool:
        """Hear what somebody says to an invitation that they were sent: it asked for their consent, so the poll begins
        there. False where nobody invited them."""
        invited = invitation(self.unit.connection, visitor, self.doors.polls, self.router.flows)
        if invited is None or (isinstance(event, Choice) and event.ask != CONSENT):
            return False
        flow, language = invited
        if says := self.doors.barred(visitor, flow, self.unit.now):
            turn.said.append(self._said(says, language, results=self.texts.word("results", language)))
        else:
            begun = self._begin(visitor, channel, flow, Start(language), Turn(), None)
            self._feed(visitor, channel, begun, event, turn)
        return True

    def _fallback(self, visitor: Visitor, channel: Channel, event: Event, turn: Turn) -> None:
        if self._takes_up(visitor, channel, event, turn) or not is_answered(visitor, channel, self.unit.now):
            return
        word = self.texts.word("help", visitor.language)
        turn.said.append(self._said("fallback", visitor.language, help=word))

    # Calling a flow --------------------------------------------------------------------------------------------

    def _call(self, visitor: Visitor, channel: Channel, inbound: Inbound, call: Call, turn: Turn) -> None:
        flow = call.flow
        active = visitor.active
        if active is not None and active.flow.brief:
            active = self._give_up(visitor, active)
        open_one = next((held for held in visitor.open if family(held.flow.id) == family(flow.id)), None)
        if open_one is not None and self.doors.is_of_earlier_wave(open_one):
            self._feed(visitor, channel, open_one, Timeout(), Turn())
            open_one, active = None, visitor.active
        if active is not None and active is not open_one:
            self._park(visitor, active, turn, silently=flow.brief)
        known = active.conversation.language if active else visitor.language
        said = inbound.language if inbound.language in self.texts.languages else channel.language
        language = known or call.language or said if flow.brief else call.language or visitor.language or said
        if open_one is not None:
            open_one.status = ACTIVE
            self._go_on(visitor, channel, open_one, Resume(), turn)
        elif says := self.doors.barred(visitor, flow, self.unit.now):
            results = self.texts.word("results", language)
            turn.said.append(self._said(says, language, results=results))
            self._unpark(visitor, channel, active, turn)
        else:
            self._begin(visitor, channel, flow, Start(language, call.text), turn, active)

    def _give_up(self, visitor: Visitor, brief: Held) -> Held | None:
        """End a brief flow that was not answered. Returns what it had interrupted, which is still parked."""
        self.unit.end(visitor, brief, "break-off")
        return next((held for held in visitor.open if held.id == brief.conversation.over), None)

    def _begin(
        self, visitor: Visitor, channel: Channel, flow: Flow, start: Start, turn: Turn, over: Held | None
    ) -> Held:
        unit = self.unit
        if start.language and not visitor.language and not flow.brief:
            visitor.language = start.language
            unit.keep_person(visitor)
        interrupted = over.id if over is not None and flow.brief else 0
        language = start.language or visitor.language
        conversation = Conversation(flow.id, language, self.rules.seed(), over=interrupted)
        held = Held(ids.rising(), flow, conversation, ACTIVE, channel.name, unit.now, unit.now)
        survey = survey_of(flow)
        if survey is not None:
            held.wave = self.doors.wave(survey)
            held.due_at = first_look(survey.schedule, unit.now)
        unit.begin(visitor, held)
        self._feed(visitor, channel, held, start, turn)
        return held

    def _park(self, visitor: Visitor, active: Held, turn: Turn, *, silently: bool) -> None:
        active.status = PARKED
        active.updated_at = self.unit.now
        self.unit.keep(visitor, active)
        if not silently:
            turn.said.append(self._how_back(active))

    def _unpark(self, visitor: Visitor, channel: Channel, parked: Held | None, turn: Turn) -> None:
        """Let what was interrupted go on, in the language that the person may just have chosen."""
        if parked is not None and parked in visitor.open and not turn.leaves:
            parked.status = ACTIVE
            self._go_on(visitor, channel, parked, Resume(visitor.language), turn)

    def _how_back(self, parked: Held) -> Prompt:
        language = parked.conversation.language
        keyword = self.router.keyword(family(parked.flow.id), language)
        return self._said("parked", language, keyword=keyword, title=parked.flow.title(language))

    # Stepping --------------------------------------------------------------------------------------------------

    def _go_on(self, visitor: Visitor, channel: Channel, held: Held, event: Event, turn: Turn) -> None:
        """Feed what a person says to what they are in the middle of, unless its poll is over, or pauses."""
        shut = self.doors.shut(held, self.unit.now)
        if held.reminded:
            self.unit.call_off_reminders(visitor)
        if not shut:
            self._feed(visitor, channel, held, event, turn)
            return
        turn.said.append(self._said(shut, held.conversation.language))
        if shut == SAYS[CLOSED]:
            self._feed(visitor, channel, held, Timeout(), turn, "closed")

    def follow(self, visitor: Visitor, channel: Channel, held: Held, event: Event, why: str) -> Turn:
        """Feed what nobody said: a reminder, or the end."""
        turn = Turn()
        self._feed(visitor, channel, held, event, turn, why)
        return turn

    def _feed(self, visitor: Visitor, channel: Channel, held: Held, event: Event, turn: Turn, why: str = "") -> None:
        """Step, carry out the effects, and feed back what became of them, until nothing is left to do."""
        unit = self.unit
        interrupted = held.conversation.over
        events = deque((event,))
        handed: HandOver | None = None
        for _ in range(MOST_EVENTS):
            facts = self._facts(visitor, held, channel)
            held.conversation, effects = flows.step(held.flow, held.conversation, events.popleft(), unit.now, facts)
            for effect in effects:
                if isinstance(effect, HandOver):
                    handed = effect
                    continue
                outcome = self._carry_out(visitor, held, channel, effect, turn, why)
                if outcome is not None:
                    events.append(outcome)
            if not events:
                break
        else:
            raise RunawayFlow(held.flow.id)
        held.updated_at = unit.now
        if held in visitor.open:
            unit.keep(visitor, held)
        else:
            self._ended(visitor, channel, held, interrupted, turn, handed)

    def _carry_out(
        self, visitor: Visitor, held: Held, channel: Channel, effect: Effect, turn: Turn, why: str
    ) -> Outcome | None:
        unit = self.unit
        if isinstance(effect, (Say, Ask)):
            turn.said.append(effect.prompt)
            turn.asks = turn.asks or isinstance(effect, Ask)
            return None
        if isinstance(effect, Finish):
            unit.end(visitor, held, effect.outcome, why)
            turn.said += self.rules.reward(unit, visitor, held, channel)
            return None
        turn.leaves = turn.leaves or isinstance(effect, (flows.Stop, flows.Forget))
        turn.returns = turn.returns or isinstance(effect, flows.Welcome)
        return self.rules.handlers[type(effect)](unit, visitor, held, channel, effect)

    def _ended(
        self, visitor: Visitor, channel: Channel, held: Held, interrupted: int, turn: Turn, handed: HandOver | None
    ) -> None:
        """A conversation is over: what it handed over to begins, or what it had interrupted goes on."""
        over = next((one for one in visitor.open if one.id == interrupted), None)
        if handed is not None:
            flow = self.router.keyed[handed.word]
            if over is not None and not flow.brief:
                turn.said.append(self._how_back(over))
            self._begin(visitor, channel, flow, Start(held.conversation.language, handed.text), turn, over)
        elif held.flow.brief:
            self._unpark(visitor, channel, over or (visitor.parked if turn.returns else None), turn)
        elif (parked := visitor.parked) is not None:
            turn.said.append(self._how_back(parked))

    def _facts(self, visitor: Visitor, held: Held, channel: Channel) -> Mapping[str, object]:
        if not held.flow.needs:
            return {}
        self.unit.flush()  # readers see what this inbound has done so far
        return {need: self.rules.readers[need](self.unit, visitor, held, channel) for need in held.flow.needs}

    def _said(self, key: str, language: str, /, **values: object) -> Prompt:
        return Prompt(self.texts.say(key, language, **values), language or self.texts.languages[0])
