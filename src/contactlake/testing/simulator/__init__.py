"""A contact centre whose truth is known: a discrete-event simulation and the documents that it would deliver.

Read in this order: ``world`` (who and what exists), ``shifts`` and ``arrivals`` (what is planned), ``centre`` and
``lives`` (what happens), ``desk`` (what an agent's snapshot shows), the document modules, ``delivery`` and ``mess``
(how it reaches a reader), ``truth`` (what really happened), ``run`` (all of it, in one or several processes).
"""
