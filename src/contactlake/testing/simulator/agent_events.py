"""The text of agent events: snapshots are put together from pieces that are made once and used again.

Owns the documents' spelling and which optional keys an agent's documents carry; knows nothing of what happens.
"""

from __future__ import annotations

from collections.abc import Callable

from contactlake.testing.simulator.clock import iso, iso_old
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.world import Group, Person, Profile, Queue, Status, World

CHANNELS = {"VOICE": 0, "CHAT": 1, "TASK": 2, "EMAIL": 3}


class EventText:
    """Writes one agent's events. ``old`` agents send the old version: no types, no channels, seconds as fraction."""

    __slots__ = (
        "_bare",
        "_cache",
        "_custom",
        "_habit",
        "_old",
        "_person",
        "_world",
        "crossing",
        "head",
        "spell",
        "tail",
    )

    def __init__(self, world: World, person: Person, old: bool = False) -> None:
        self._world, self._person, self._old, self._habit = world, person, old, person.habit
        self._cache: dict[tuple[int, int, tuple[int, ...]], str] = {}
        self._bare = bool(self._habit & 1)
        self._custom = bool(self._habit & 2)
        region = world.arn.split(":")[3]
        regions = f'{{"ConfiguredRegions":["{region}"],"CurrentRegion":"{region}"}}'
        self.crossing = "" if old or self._habit & 0x7000 else f'"AgentCrossRegionRoutingConfiguration":{regions},'
        self.spell: Callable[[int], str] = iso_old if old else iso
        self.head = f'{{"AWSAccountId":"{world.account}","AgentARN":"{person.arn}","CurrentAgentSnapshot":'
        version = "2017-10-01" if old else "2019-05-25"
        self.tail = f',"Version":"{version}"}}'

    def event(self, now: str, before: str | None, id: str, at: int, type: str) -> str:
        """A whole event; ``now`` and ``before`` are snapshots."""
        return (
            f'{self.head}{now},"EventId":"{id}","EventTimestamp":"{self.spell(at)}","EventType":"{type}",'
            f'"InstanceARN":"{self._world.arn}","PreviousAgentSnapshot":{before or "null"}{self.tail}'
        )

    def status(self, status: Status, since: int) -> str:
        """The ``AgentStatus`` piece."""
        type = "" if self._old else f',"Type":"{status.type}"'
        return f'{{"ARN":"{status.arn}","Name":"{status.name}","StartTimestamp":"{self.spell(since)}"{type}}}'

    def next_status(self, status: Status | None, since: int) -> str:
        """The ``NextAgentStatus`` key with what follows; some agents' documents lack it, others have null."""
        if status is None:
            return "" if self._bare else '"NextAgentStatus":null,'
        piece = f'{{"ARN":"{status.arn}","EnqueuedTimestamp":"{self.spell(since)}","Name":"{status.name}"}}'
        return f'"NextAgentStatus":{piece},'

    def configuration(self, profile: Profile, group: Group | None, used: tuple[int, ...]) -> str:
        """The ``Configuration`` piece; ``used`` counts the taken slots by channel."""
        key = (profile.index, -1 if group is None else group.index, used)
        text = self._cache.get(key)
        if text is None:
            text = self._cache[key] = self._configuration(profile, group, used)
        return text

    def _configuration(self, profile: Profile, group: Group | None, used: tuple[int, ...]) -> str:
        person = self._person
        slots = ",".join(
            f'{{"AvailableSlots":{max(0, most - used[CHANNELS[channel]])},"Channel":"{self._channel(channel)}",'
            f'"MaximumSlots":{most}}}'
            for channel, most in profile.slots
        )
        queues = ",".join(self._queue(q) for q in (person.own_queue, *(queue for queue, _ in profile.queues)))
        levels = "null"
        if group is not None:
            named = [
                f'"Level{n}":{{"ARN":"{arn}","Name":"{name}"}}' for n, (_, arn, name) in enumerate(group.levels, 1)
            ]
            named += [f'"Level{n}":null' for n in range(len(group.levels) + 1, 6)] if self._custom else []
            levels = "{" + ",".join(named) + "}"
        concurrency = "" if self._old else f'"Concurrency":[{slots}],'
        extra = ""
        if person.spanish and not self._old:
            extra = f'"Proficiencies":[{{"Name":"Language","ProficiencyLevel":{person.spanish}.0,"Value":"Spanish"}}],'
        elif self._habit & 4:
            extra = '"Proficiencies":[],'
        return (
            f'{{"AgentHierarchyGroups":{levels},"FirstName":"{person.first}","LastName":"{person.last}",{extra}'
            f'"RoutingProfile":{{"ARN":"{profile.arn}",{concurrency}'
            f'"DefaultOutboundQueue":{self._queue(profile.outbound)},"InboundQueues":[{queues}],'
            f'"Name":"{profile.name}"}},"Username":"{person.username}"}}'
        )

    def _channel(self, channel: str) -> str:
        return self._world.task_text if channel == "TASK" else channel

    def _queue(self, queue: Queue, channels: bool = True) -> str:
        name = f'"{queue.name}"' if queue.kind == "STANDARD" else "null"
        shown = "" if self._old or not channels else f'"Channels":["{self._channel(queue.channel)}"],'
        return f'{{"ARN":"{queue.arn}",{shown}"Name":{name}}}'

    def contact(self, contact: Contact, initial: str | None) -> tuple[str, str]:
        """The pieces of a contact that stay: what stands before and after ``ConnectedToAgentTimestamp``."""
        queue = "null" if contact.queue is None else self._queue(contact.queue, channels=bool(self._habit & 8))
        resilient = ""
        if contact.bits & 7 == 0 and not self._old:
            region = self._world.arn.split(":")[3]
            resilient = f'"GlobalResiliencyMetadata":{{"ActiveRegion":"{region}","OriginRegion":"{region}"}},'
        queued = "null" if contact.enqueued is None else f'"{self.spell(contact.enqueued)}"'
        shown = f'"QueueTimestamp":{queued},' if contact.enqueued or not contact.bits & 8 else ""
        begun = f'"InitialContactId":"{initial}",' if initial else "" if self._bare else '"InitialContactId":null,'
        return (
            f'{{"Channel":"{self._channel(contact.channel)}",',
            f'"ContactId":"{contact.id}",{resilient}{begun}"InitiationMethod":"{contact.method}",'
            f'"Queue":{queue},{shown}',
        )

    def contact_state(self, pieces: tuple[str, str], state: str, since: int, connected: int | None) -> str:
        """A contact as a snapshot shows it."""
        if connected is not None:
            mark = f'"ConnectedToAgentTimestamp":"{self.spell(connected)}",'
        else:
            mark = "" if self._bare else '"ConnectedToAgentTimestamp":null,'
        return f'{pieces[0]}{mark}{pieces[1]}"State":"{state}","StateStartTimestamp":"{self.spell(since)}"}}'
