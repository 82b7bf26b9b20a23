"""The text of contact records: every group of fields, whole seconds.

Timestamps are cut to the second. Every duration is the difference of the record's own cut timestamps; hold and pause
are cut to the second themselves, and the interaction is what is left of connected to left. So the record is consistent
in itself, as the vendor's records are, and up to a second away from the truth.
"""

from __future__ import annotations

from contactlake.testing.simulator.clock import HOUR, SECOND, iso, iso_seconds
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.world import World

Pair = tuple[str, str | None]
DROPPED = '{"PotentialDisconnectIssue":"CUSTOMER_CONNECTIVITY_ISSUE"}'


def quoted(value: str | None) -> str | None:
    """A JSON string; None stays."""
    return None if value is None else f'"{value}"'


def stamp(ms: int | None) -> str | None:
    """A timestamp of whole seconds; None stays."""
    return None if ms is None else f'"{iso_seconds(ms)}"'


def obj(pairs: list[Pair], nulls: bool) -> str:
    """A JSON object; keys without a value are null or left out."""
    if nulls:
        return "{" + ",".join([f'"{k}":{"null" if v is None else v}' for k, v in pairs]) + "}"
    return "{" + ",".join([f'"{k}":{v}' for k, v in pairs if v is not None]) + "}"


def analysed(c: Contact) -> bool:
    """Whether conversation analysis is on for the contact (a quarter of calls and chats)."""
    return c.channel in ("VOICE", "CHAT") and c.bits & 96 == 96 and c.method != "MONITOR"


def record(world: World, c: Contact, updated: int, evaluation: str | None = None) -> str:
    """The contact's record as of ``updated``."""
    nulls = bool(c.bits & 16)
    answered = c.answered is not None
    pairs: list[Pair] = [
        ("AWSAccountId", f'"{world.account}"'),
        ("AWSContactTraceRecordFormatVersion", '"2017-03-10"'),
        ("Agent", _agent(c, nulls)),
        ("AgentConnectionAttempts", str(c.attempts)),
        ("AnsweringMachineDetectionStatus", '"HUMAN_ANSWERED"' if c.campaign and answered else None),
        ("Attributes", _attributes(c)),
        ("Campaign", f'{{"CampaignId":{quoted(c.campaign) or "null"}}}' if nulls or c.campaign else None),
        ("Channel", f'"{c.channel}"'),
        ("ChatMetrics", _chat(c) if c.channel == "CHAT" and answered else None),
        ("ConnectedToSystemTimestamp", stamp(c.system)),
        ("ContactAssociationId", quoted(c.related or c.id) if c.channel == "EMAIL" else None),
        ("ContactDetails", f'{{"Ticket":"T-{c.bits % 100000}"}}' if c.channel == "TASK" else "{}" if nulls else None),
        ("ContactEvaluations", evaluation),
        ("ContactId", f'"{c.id}"'),
        ("ContactLens", _lens(c) if analysed(c) else None),
        ("Customer", '{"Capabilities":{"Video":"SEND"}}' if c.subtype == "connect:WebRTC" else None),
        ("CustomerEndpoint", _customer(c)),
        ("CustomerId", f'"customer-{c.bits % 50021}"' if c.bits & 128 else None),
        ("CustomerVoiceActivity", _greeting(c)),
        ("DisconnectDetails", DROPPED if c.bits % 89 == 0 else None),
        ("DisconnectReason", quoted(c.reason)),
        ("DisconnectTimestamp", stamp(c.disconnected)),
        ("ExternalThirdParty", _third_party(c)),
        ("GlobalResiliencyMetadata", _region(world) if c.bits & 7 == 0 else None),
        ("InitialContactId", quoted(c.initial)),
        ("InitiationMethod", f'"{c.method}"'),
        ("InitiationTimestamp", stamp(c.initiated)),
        ("InstanceARN", f'"{world.arn}"'),
        ("LastPausedTimestamp", stamp(c.pauses[-1][0]) if c.pauses else None),
        ("LastResumedTimestamp", stamp(c.pauses[-1][1]) if c.pauses else None),
        ("LastUpdateTimestamp", stamp(updated)),
        ("MediaStreams", _media(c)),
        ("NextContactId", quoted(c.next)),
        ("OutboundStrategy", '{"Type":"AGENT_FIRST"}' if c.campaign else None),
        ("PreviousContactId", quoted(c.previous)),
        ("QualityMetrics", _quality(c) if c.channel == "VOICE" and answered and c.bits & 256 else None),
        ("Queue", _queue(c, nulls)),
        *_recordings(world, c),
        ("References", _references(c)),
        ("RelatedContactId", quoted(c.related)),
        ("RoutingCriteria", _criteria(c) if c.level else None),
        ("ScheduledTimestamp", stamp(c.scheduled)),
        ("SegmentAttributes", f'{{"connect:Subtype":{{"ValueString":"{c.subtype}"}}}}' if c.bits & 15 else None),
        ("SystemEndpoint", _system(world, c)),
        ("Tags", f'{{"aws:connect:instanceId":"{world.id}"}}' if c.bits & 512 else None),
        ("TotalPauseCount", str(len(c.pauses)) if c.channel == "TASK" else None),
        ("TotalPauseDurationInSeconds", str(c.pause_ms // SECOND) if c.channel == "TASK" else None),
        ("TransferCompletedTimestamp", stamp(c.transferred)),
        ("TransferredToEndpoint", _phone(c.transferred_to)),
        ("VoiceIdResult", None),
        ("WisdomInfo", _wisdom(world, c)),
    ]  # fmt: skip
    return obj(pairs, nulls)


def _phone(address: str | None) -> str | None:
    return None if address is None else f'{{"Address":"{address}","Type":"TELEPHONE_NUMBER"}}'


def _customer(c: Contact) -> str | None:
    if c.channel == "VOICE" and c.subtype != "connect:WebRTC":
        return _phone(c.customer)
    return f'{{"Address":"{c.customer}","Type":"EMAIL_ADDRESS"}}' if c.channel == "EMAIL" else None


def _system(world: World, c: Contact) -> str | None:
    if c.channel == "EMAIL":
        return f'{{"Address":"care@{world.alias}.example","Type":"EMAIL_ADDRESS"}}'
    return _phone(f"+1800555{world.index:04}") if c.channel == "VOICE" and c.method != "MONITOR" else None


def _region(world: World) -> str:
    region = world.arn.split(":")[3]
    return f'{{"ActiveRegion":"{region}","OriginRegion":"{region}"}}'


def _attributes(c: Contact) -> str:
    more = f',"language":"{"es" if c.level else "en"}"' if c.bits & 1024 else ""
    more += f',"orderId":"{c.bits % 900001}"' if c.bits & 2048 else ""
    return f'{{"greetingPlayed":"{"true" if c.bits & 4096 else "false"}"{more}}}'


def _agent(c: Contact, nulls: bool) -> str | None:
    """The ``Agent`` group of a contact that an agent was connected to."""
    a = c.agent
    if a is None or c.answered is None or c.left is None or c.profile is None:
        return None
    total = c.left // SECOND - c.answered // SECOND
    hold = min(c.hold_ms // SECOND, total)
    pause = min(c.pause_ms // SECOND, total - hold)
    longest = min(max((end - start for start, end in c.holds), default=0) // SECOND, hold)
    groups = None
    if c.group is not None:
        levels = enumerate(c.group.levels, 1)
        named = [f'"Level{n}":{{"ARN":"{arn}","GroupName":"{name}"}}' for n, (_, arn, name) in levels]
        named += [f'"Level{n}":null' for n in range(len(c.group.levels) + 1, 6)] if nulls else []
        groups = "{" + ",".join(named) + "}"
    worked = None if c.wrapup is None or c.cleared is None else str(c.cleared // SECOND - c.wrapup // SECOND)
    watched = [
        f'{{"stateStartTimestamp":"{iso(start)}","stateEndTimestamp":"{iso(end)}","state":"SILENT_MONITOR"}}'
        for start, end in c.watched
    ]
    device = '{"PlatformName":"Chrome","PlatformVersion":"122","OperatingSystem":"Windows"}'
    pairs: list[Pair] = [
        ("ARN", f'"{a.person.arn}"'),
        ("AcceptedByAgentTimestamp", stamp(c.answered) if c.campaign else None),
        ("AfterContactWorkDuration", worked if worked is not None or c.bits & 8192 else "0"),
        ("AfterContactWorkEndTimestamp", stamp(c.cleared) if worked else None),
        ("AfterContactWorkStartTimestamp", stamp(c.wrapup) if worked else None),
        ("AgentInitiatedHoldDuration", str(hold) if c.bits & 16384 else None),
        ("AgentInteractionDuration", str(total - hold - pause)),
        ("AgentPauseDuration", str(pause) if c.channel == "TASK" else None),
        ("Capabilities", '{"Video":"SEND"}' if c.subtype == "connect:WebRTC" else None),
        ("ConnectedToAgentTimestamp", stamp(c.answered)),
        ("CustomerHoldDuration", str(hold)),
        ("DeviceInfo", device if c.bits & 32768 else None),
        ("HierarchyGroups", groups),
        ("LongestHoldDuration", str(longest)),
        ("NumberOfHolds", str(len(c.holds))),
        ("RoutingProfile", f'{{"ARN":"{c.profile.arn}","Name":"{c.profile.name}"}}'),
        ("StateTransitions", f"[{','.join(watched)}]" if watched else None),
        ("Username", f'"{a.person.username}"'),
    ]  # fmt: skip
    return obj(pairs, nulls)


def _queue(c: Contact, nulls: bool) -> str | None:
    if c.queue is None:
        return None
    waited = None
    if c.enqueued is not None and c.dequeued is not None:
        waited = str(c.dequeued // SECOND - c.enqueued // SECOND)
    name = quoted(c.queue.name) if c.queue.kind == "STANDARD" else None
    pairs: list[Pair] = [
        ("ARN", f'"{c.queue.arn}"'), ("DequeueTimestamp", stamp(c.dequeued)), ("Duration", waited),
        ("EnqueueTimestamp", stamp(c.enqueued)), ("Name", name),
    ]  # fmt: skip
    return obj(pairs, nulls)


def _recordings(world: World, c: Contact) -> list[Pair]:
    if c.channel not in ("VOICE", "CHAT") or c.answered is None or c.bits & 0x30000 == 0:
        return [("Recording", None), ("Recordings", None)]
    at = iso_seconds(c.answered)
    voice = c.channel == "VOICE"
    folder = "CallRecordings" if voice else "ChatTranscripts"
    ending = "wav" if voice else "json"
    file = f"{at[:10].replace('-', '/')}/{c.id}_{at[:16]}_UTC.{ending}"
    place = f"{world.alias}-data/connect/{world.alias}/{folder}/{file}"
    part = f'"DeletionReason":null,"Location":"{place}","Status":"AVAILABLE"'
    stream, kind = ("AUDIO", '"Type":"AUDIO"') if voice else ("CHAT", '"Type":null')
    whole = (
        f'{{{part},"FragmentStartNumber":null,"FragmentStopNumber":null,"MediaStreamType":"{stream}",'
        f'"ParticipantType":"All","StartTimestamp":"{at}","StopTimestamp":{stamp(c.left) or "null"},'
        '"StorageType":"S3"}'
    )
    return [("Recording", f"{{{part},{kind}}}" if voice else None), ("Recordings", f"[{whole}]")]


def _media(c: Contact) -> str:
    return {"VOICE": '[{"Type":"AUDIO"}]', "CHAT": '[{"Type":"CHAT"}]'}.get(c.channel, "[]")


def _greeting(c: Contact) -> str | None:
    if not c.campaign or c.answered is None or c.system is None:
        return None
    return f'{{"GreetingStartTimestamp":"{iso(c.system + 300)}","GreetingEndTimestamp":"{iso(c.system + 1450)}"}}'


def _third_party(c: Contact) -> str | None:
    if c.transferred_to is None or c.left is None or c.disconnected is None or not c.bits & 1:
        return None
    seconds = c.disconnected // SECOND - c.left // SECOND
    return f'{{"ExternalThirdPartyInteractionDuration":{seconds}}}'


def _references(c: Contact) -> str:
    if c.channel == "TASK":
        return f'[{{"Name":"Case","Type":"URL","Value":"https://cases.example/{c.bits % 100000}","Status":null}}]'
    if c.channel == "EMAIL":
        return f'[{{"Name":"Message","Type":"EMAIL_MESSAGE","Value":"message-{c.bits % 100000}","Status":"APPROVED"}}]'
    return "[]"


def _lens(c: Contact) -> str:
    modes = '"PostContact"' if c.channel == "VOICE" else '"ContactLens"'
    return (
        f'{{"ConversationalAnalytics":{{"Configuration":{{"ChannelConfiguration":{{"AnalyticsModes":[{modes}]}},'
        '"Enabled":true,"LanguageLocale":"en-US","RedactionConfiguration":{"Behavior":"Enable","Entities":["NAME"],'
        '"MaskMode":"PII","Policy":"RedactedAndOriginal"},"SentimentConfiguration":{"Behavior":"Enable"},'
        '"SummaryConfiguration":{"SummaryModes":["PostContact"]}}}}'
    )


def _quality(c: Contact) -> str:
    issues = '"HighPacketLoss"' if c.bits % 13 == 0 else ""
    agent = f'"Agent":{{"Audio":{{"PotentialQualityIssues":[{issues}],"QualityScore":{3 + c.bits % 200 / 100:.2f}}}}}'
    if c.subtype != "connect:WebRTC":
        return f"{{{agent}}}"
    return f'{{{agent},"Customer":{{"Audio":{{"PotentialQualityIssues":[],"QualityScore":4.25}}}}}}'


def _wisdom(world: World, c: Contact) -> str | None:
    if c.answered is None or c.bits % 5:
        return None
    return f'{{"SessionArn":"arn:aws:wisdom:{world.arn.split(":")[3]}:{world.account}:session/{c.id}"}}'


def _criteria(c: Contact) -> str:
    """Routing criteria of one asked-for proficiency that expires, then anybody."""
    begun = c.enqueued if c.enqueued is not None else c.initiated
    over = c.dequeued if c.dequeued is not None else c.disconnected or begun + HOUR
    first = "EXPIRED" if over >= c.level_until else "JOINED" if c.answered is not None else "INTERRUPTED"
    second = "INACTIVE" if first != "EXPIRED" else "JOINED" if c.answered is not None else "INTERRUPTED"

    def step(status: str, level: int, expiry: str) -> str:
        return (
            f'{{"Expiry":{expiry},"Expression":{{"AttributeCondition":{{"ComparisonOperator":"NumberGreaterOrEqualTo",'
            f'"Name":"Language","ProficiencyLevel":{level}.0,"Value":"Spanish"}}}},"Status":"{status}"}}'
        )

    expiry = f'{{"DurationInSeconds":{(c.level_until - begun) // SECOND},"ExpiryTimestamp":{stamp(c.level_until)}}}'
    return (
        f'[{{"ActivationTimestamp":{stamp(begun)},"Index":0,'
        f'"Steps":[{step(first, c.level, expiry)},{step(second, 1, "null")}]}}]'
    )


def _chat(c: Contact) -> str:
    """Chat metrics: counts from the contact's bits, times from its own."""
    answered, left = c.answered or 0, c.left or 0
    mine, theirs = 3 + c.bits % 17, 2 + c.bits // 32 % 15
    first = min(1500 + c.bits % 20000, max(1, left - answered))

    def participant(kind: str, sent: int, pace: int) -> str:
        return (
            f'{{"ConversationAbandon":false,"LastMessageTimestamp":"{iso(max(answered, left - 900 - c.bits % 5000))}",'
            f'"MaxResponseTimeInMillis":{pace * 3},"MessageLengthInChars":{sent * 61},"MessagesSent":{sent},'
            f'"NumResponses":{sent - 1},"ParticipantId":"{c.id[:24]}{sent:012}","ParticipantType":"{kind}",'
            f'"TotalResponseTimeInMillis":{pace * (sent - 1)}}}'
        )

    return (
        f'{{"AgentMetrics":{participant("AGENT", mine, 9000 + c.bits % 7000)},"ContactMetrics":{{'
        f'"AgentFirstResponseTimeInMillis":{first},"AgentFirstResponseTimestamp":"{iso(answered + first)}",'
        f'"ConversationCloseTimeInMillis":{c.bits % 9000},"ConversationTurnCount":{min(mine, theirs) * 2},'
        f'"MultiParty":false,"TotalBotMessageLengthInChars":{c.bits % 3 * 40},"TotalBotMessages":{c.bits % 3},'
        f'"TotalMessages":{mine + theirs + c.bits % 3}}},'
        f'"CustomerMetrics":{participant("CUSTOMER", theirs, 12000 + c.bits % 9000)}}}'
    )
