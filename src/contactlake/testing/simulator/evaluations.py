"""The text of evaluation files: a filled-in form about one contact, and its mark in the contact's record."""

from __future__ import annotations

from random import Random

from contactlake.testing.simulator.chance import between, pick, uuid4
from contactlake.testing.simulator.clock import MINUTE, SECOND, iso, iso_seconds
from contactlake.testing.simulator.contact import Contact
from contactlake.testing.simulator.delivery import dated
from contactlake.testing.simulator.world import World


def evaluation(world: World, c: Contact, at: int, rng: Random) -> tuple[str, str, str]:
    """(file name, text, the record's ``ContactEvaluations``) of an evaluation submitted at this time."""
    id, form = uuid4(rng), f"{world.id[:24]}{'f' * 12}"
    start = at - between(rng, MINUTE, 3 * MINUTE)
    score, yes = pick(rng, (0, 50, 75, 100)), rng.random() < 0.8
    agent = c.agent.person.id if c.agent else ""
    skipped = rng.random() < 0.3
    rated = '{"notApplicable":true}' if skipped else f'{{"percentage":{score}}}'
    shown = "" if skipped else str(between(rng, 1, 10))
    options = "".join(
        f'{{"valueText":"{text}","valueRefId":"o{n}","selected":{"true" if chosen else "false"}}},'
        for n, (text, chosen) in enumerate((("Yes", yes), ("No", not yes)), 1)
    )[:-1]
    text = (
        f'{{"schemaVersion":"3.1","evaluationId":"{id}","metadata":{{"contactId":"{c.id}","accountId":"{world.account}",'
        f'"instanceId":"{world.id}","agentId":"{agent}","evaluationDefinitionTitle":"Courtesy and compliance",'
        f'"evaluator":"lead.{between(rng, 1, 9)}","evaluationDefinitionId":"{form}","evaluationDefinitionVersion":2,'
        f'"evaluationStartTimestamp":"{iso(start)}","evaluationSubmitTimestamp":"{iso(at)}",'
        f'"score":{{"percentage":{score}}}}},"sections":[{{"sectionRefId":"s1","sectionTitle":"Conversation",'
        f'"notes":"Heard in full","score":{{"percentage":{score}}}}},{{"sectionRefId":"s2","sectionTitle":"Greeting",'
        f'"parentSectionRefId":"s1","score":{{"percentage":{score}}}}}],"questions":['
        '{"questionRefId":"q1","sectionRefId":"s2","questionType":"NUMERIC","questionText":"How courteous, 1 to 10?",'
        f'"answer":{{"value":"{shown}","notes":"","metadata":{{"notApplicable":{"true" if skipped else "false"}}}}},'
        f'"score":{rated}}},{{"questionRefId":"q2","sectionRefId":"s2","questionType":"SINGLESELECT",'
        f'"questionText":"Did the agent say a name?","answer":{{"values":[{options}],'
        f'"metadata":{{"notApplicable":false}}}},"score":{{"percentage":{100 if yes else 0}}}}},'
        '{"questionRefId":"q3","sectionRefId":"s1","questionType":"TEXT","questionText":"What should improve?",'
        '"answer":{"value":"Nothing to add","metadata":{"notApplicable":false}},"score":{"notApplicable":true}}]}'
    )
    name = dated("Evaluations", at, f"{iso(at)[11:]}-{id}.json")
    mark = (
        f'{{"{form}":{{"Status":"COMPLETE","StartTimestamp":"{iso_seconds(start)}",'
        f'"EndTimestamp":"{iso_seconds(at)}","DeleteTimestamp":null,'
        f'"EvaluationArn":"{world.arn}/contact-evaluation/{id}","ExportLocation":"{world.alias}-data/{name}"}}}}'
    )
    return name, text, mark


def evaluation_time(c: Contact, done: int, rng: Random) -> int:
    """When the evaluation of a contact that is done is submitted."""
    return done + between(rng, 5 * MINUTE, 40 * MINUTE) + SECOND
