"""Every table of this app as the first release has it."""

import accounts.public_ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    # Whoever ran an earlier state of this app to its end has all of it.
    replaces = [
        ('messaging', '0001_initial'),
        ('messaging', '0002_what_is_paid_for'),
        ('messaging', '0003_outreach_is_a_members_or_a_teams'),
        ('messaging', '0004_reach_and_conduct'),
        ('messaging', '0005_days_and_refusals_that_hold'),
    ]

    dependencies = [
        ('accounts', '0001_first_release'),
        ('billing', '0001_first_release'),
    ]

    operations = [
        migrations.CreateModel(
            name='Away',
            fields=[
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='away', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('body', models.TextField(max_length=2000, verbose_name='message')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'away message',
                'verbose_name_plural': 'away messages',
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='messaging_away_ends_after_start'), models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='messaging_an_away_message_says_something')],
            },
        ),
        migrations.CreateModel(
            name='Case',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=14, unique=True)),
                ('about', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases', to=settings.AUTH_USER_MODEL)),
                ('source', models.CharField(choices=[('report', 'Report'), ('held', 'Held message'), ('quality', 'Response quality'), ('signal', 'Alarm'), ('staff', 'Moderator')], max_length=7)),
                ('harm', models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Medium'), (3, 'High'), (4, 'Grave')])),
                ('key', models.CharField(max_length=150, unique=True)),
                ('evidence', models.JSONField(default=dict)),
                ('opened_at', models.DateTimeField(verbose_name='opened')),
                ('escalated_at', models.DateTimeField(blank=True, null=True)),
                ('escalation_note', models.TextField(blank=True, max_length=2000)),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
            ],
            options={
                'verbose_name': 'case',
                'verbose_name_plural': 'cases',
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['-harm', 'opened_at'], name='messaging_case_queue'), models.Index(fields=['about', '-opened_at'], name='messaging_case_of_member')],
            },
        ),
        migrations.CreateModel(
            name='Conversation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=14, unique=True)),
                ('low', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('high', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_at', models.DateTimeField(verbose_name='started')),
            ],
            options={
                'verbose_name': 'conversation',
                'verbose_name_plural': 'conversations',
                'constraints': [models.UniqueConstraint(fields=('low', 'high'), name='messaging_one_conversation_per_pair'), models.CheckConstraint(condition=models.Q(('low__lt', models.F('high'))), name='messaging_conversation_smaller_id_first')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('subject', models.TextField(blank=True)),
                ('body', models.TextField(blank=True)),
                ('purpose', models.CharField(blank=True, choices=[('job_offer', 'job offer'), ('job_seeking', 'job seeking'), ('sales', 'sales'), ('promotion', 'promotion'), ('partnership', 'partnership'), ('advice', 'advice'), ('press', 'press'), ('introduction', 'introduction'), ('reconnect', 'reconnect'), ('other', 'other')], max_length=16)),
                ('reason', models.TextField(blank=True)),
                ('send_key', models.CharField(max_length=40)),
                ('saved_at', models.DateTimeField(verbose_name='saved')),
                ('as_inmail', models.BooleanField(default=False)),
                ('sending_for', models.CharField(blank=True, max_length=4)),
                ('agreed', models.JSONField(blank=True, default=dict)),
                ('send_at', models.DateTimeField(blank=True, null=True, verbose_name='to be sent')),
                ('in_review_since', models.DateTimeField(blank=True, null=True)),
                ('passed_review_at', models.DateTimeField(blank=True, null=True)),
                ('came_back', models.CharField(blank=True, max_length=24)),
                ('came_back_why', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'verbose_name': 'draft',
                'verbose_name_plural': 'drafts',
                'indexes': [models.Index(condition=models.Q(('send_at__isnull', False)), fields=['send_at'], name='messaging_drafts_scheduled')],
                'constraints': [models.CheckConstraint(condition=models.Q(('send_at', None), ('in_review_since', None), _connector='OR'), name='messaging_a_draft_waits_for_one_thing'), models.CheckConstraint(condition=models.Q(('passed_review_at', None), ('in_review_since__isnull', False), _connector='OR'), name='messaging_only_what_was_held_passes_review'), models.UniqueConstraint(fields=('member', 'recipient'), name='messaging_one_draft_per_recipient')],
            },
        ),
        migrations.CreateModel(
            name='Introduction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=14, unique=True)),
                ('asker', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='introductions_asked', to=settings.AUTH_USER_MODEL)),
                ('through', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='introductions_through', to=settings.AUTH_USER_MODEL)),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='introductions_to', to=settings.AUTH_USER_MODEL)),
                ('context', models.TextField(max_length=500)),
                ('words', models.TextField(blank=True, max_length=500)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('passed', 'Not forwarded'), ('forwarded', 'Forwarded'), ('accepted', 'Accepted'), ('declined', 'Declined'), ('withdrawn', 'Withdrawn'), ('dropped', 'Declined, then withdrawn')], default='asked', max_length=9)),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('forwarded_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'introduction',
                'verbose_name_plural': 'introductions',
                'indexes': [models.Index(fields=['asker', '-asked_at'], name='messaging_introductions_asked'), models.Index(fields=['through', '-asked_at'], name='messaging_introductions_thru'), models.Index(fields=['target', '-asked_at'], name='messaging_introductions_to')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('asker', models.F('through')), _negated=True), models.Q(('asker', models.F('target')), _negated=True), models.Q(('through', models.F('target')), _negated=True)), name='messaging_an_introduction_joins_three_persons'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('asked_at'))), name='messaging_introduction_expires_later')],
            },
        ),
        migrations.CreateModel(
            name='Reception',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('span', models.CharField(choices=[('day', 'day'), ('week', 'week')], max_length=4)),
                ('starts_on', models.DateField()),
                ('new_senders', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'reception',
                'verbose_name_plural': 'receptions',
                'constraints': [models.UniqueConstraint(fields=('member', 'span', 'starts_on'), name='messaging_one_count_per_member_and_span')],
            },
        ),
        migrations.CreateModel(
            name='Reminder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to=settings.AUTH_USER_MODEL)),
                ('about', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('due_at', models.DateTimeField(verbose_name='due')),
                ('told_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'reminder',
                'verbose_name_plural': 'reminders',
                'indexes': [models.Index(condition=models.Q(('told_at', None)), fields=['due_at'], name='messaging_reminders_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('told_at', None)), fields=('member', 'about'), name='messaging_one_waiting_reminder_per_person')],
            },
        ),
        migrations.CreateModel(
            name='SendingDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('day', models.DateField()),
                ('zone', models.CharField(blank=True, editable=False, max_length=64)),
                ('ends_at', models.DateTimeField(editable=False, null=True)),
                ('outreach', models.PositiveSmallIntegerField(default=0)),
                ('open_profile', models.PositiveSmallIntegerField(default=0)),
                ('starts', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'sending day',
                'verbose_name_plural': 'sending days',
                'constraints': [models.UniqueConstraint(fields=('member', 'day'), name='messaging_one_count_per_member_and_day')],
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=14, unique=True)),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='messaging.conversation')),
                ('sender', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages_sent', to=settings.AUTH_USER_MODEL)),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kind', models.CharField(choices=[('text', 'Message'), ('inmail', 'InMail'), ('open_profile', 'Open Profile message'), ('answer', 'Answer'), ('away', 'Away message')], max_length=12)),
                ('answer', models.CharField(blank=True, choices=[('accept', 'Accept'), ('interested', 'Interested'), ('later', 'Maybe later'), ('no_thanks', 'No thanks'), ('wrong_person', 'Wrong person'), ('stop', 'Stop writing to me')], max_length=12)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField(blank=True, max_length=2000)),
                ('send_key', models.CharField(max_length=40)),
                ('sent_at', models.DateTimeField(verbose_name='sent')),
                ('deliver_at', models.DateTimeField(verbose_name='delivered')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone')),
                ('announced_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'message',
                'verbose_name_plural': 'messages',
                'indexes': [models.Index(fields=['conversation', '-sent_at', '-id'], name='messaging_message_thread'), models.Index(fields=['sender', '-sent_at', '-id'], name='messaging_message_sent'), models.Index(condition=models.Q(('announced_at', None), ('undone_at', None)), fields=['deliver_at'], name='messaging_message_to_announce'), models.Index(fields=['-sent_at', '-id'], name='messaging_message_newest')],
                'constraints': [models.UniqueConstraint(fields=('sender', 'send_key'), name='messaging_one_message_per_send_key'), models.CheckConstraint(condition=models.Q(('deliver_at__gte', models.F('sent_at'))), name='messaging_delivered_after_sent'), models.CheckConstraint(condition=models.Q(('undone_at', None), ('undone_at__lt', models.F('deliver_at')), _connector='OR'), name='messaging_undone_only_before_delivery'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'answer'), models.Q(('answer', ''), _negated=True)), models.Q(models.Q(('kind', 'answer'), _negated=True), ('answer', ''), models.Q(('body', ''), _negated=True)), _connector='OR'), name='messaging_a_message_says_something'), models.CheckConstraint(condition=models.Q(('sender', models.F('recipient')), _negated=True), name='messaging_nobody_writes_to_themselves')],
            },
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.CharField(default=accounts.public_ids.new_public_id, editable=False, max_length=14, unique=True)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='messaging.case')),
                ('outcome', models.CharField(choices=[('nothing', 'Nothing wrong'), ('warning', 'Warning'), ('day', '24 hours'), ('three_days', '72 hours'), ('week', '1 week'), ('suspended', 'Suspended'), ('closing', 'Account closed')], max_length=10)),
                ('rule', models.CharField(blank=True, choices=[('purpose', 'only purposes offered here'), ('reason', 'a real reason for contact'), ('bulk', 'no identical bulk'), ('repeated', 'no repeated contact'), ('stops', 'honour stops'), ('truth', 'nothing false')], max_length=8)),
                ('facts', models.TextField(blank=True, max_length=2000)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(verbose_name='decided')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('restriction', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='accounts.restriction')),
            ],
            options={
                'verbose_name': 'decision',
                'verbose_name_plural': 'decisions',
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome', 'nothing'), models.Q(models.Q(('rule', ''), _negated=True), models.Q(('facts', ''), _negated=True)), _connector='OR'), name='messaging_a_decision_names_rule_and_facts'), models.CheckConstraint(condition=models.Q(('confirmed_by', None), ('decided_by', None), models.Q(('confirmed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='messaging_a_closing_is_confirmed_by_somebody_else')],
            },
        ),
        migrations.CreateModel(
            name='Appeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='appeal', to='messaging.decision')),
                ('statement', models.TextField(max_length=2000)),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('first_decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('first_confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('outcome', models.CharField(blank=True, choices=[('upheld', 'Upheld'), ('reversed', 'Reversed')], max_length=8)),
                ('reasons', models.TextField(blank=True, max_length=2000)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'appeal',
                'verbose_name_plural': 'appeals',
                'indexes': [models.Index(condition=models.Q(('decided_at', None)), fields=['asked_at'], name='messaging_appeals_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by', None), ('first_decided_by', None), models.Q(('decided_by', models.F('first_decided_by')), _negated=True), _connector='OR'), name='messaging_an_appeal_is_decided_by_somebody_else'), models.CheckConstraint(condition=models.Q(('decided_by', None), ('first_confirmed_by', None), models.Q(('decided_by', models.F('first_confirmed_by')), _negated=True), _connector='OR'), name='messaging_an_appeal_is_not_decided_by_the_second'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), models.Q(('reasons', ''), _negated=True), ('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='messaging_an_appeal_is_decided_with_reasons')],
            },
        ),
        migrations.CreateModel(
            name='Outreach',
            fields=[
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='outreach', serialize=False, to='messaging.message')),
                ('code', models.CharField(choices=[('inmail', 'InMail'), ('open_profile', 'Open Profile'), ('follow_up', 'Follow-up'), ('open_paid', 'Paid message')], max_length=12)),
                ('purpose', models.CharField(choices=[('job_offer', 'job offer'), ('job_seeking', 'job seeking'), ('sales', 'sales'), ('promotion', 'promotion'), ('partnership', 'partnership'), ('advice', 'advice'), ('press', 'press'), ('introduction', 'introduction'), ('reconnect', 'reconnect'), ('other', 'other')], max_length=16)),
                ('charge', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outreach', to='billing.charge')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('is_first', models.BooleanField()),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('skips_requests', models.BooleanField(default=False)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'outreach',
                'verbose_name_plural': 'outreach',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('code__in', ['inmail', 'open_paid']), ('charge__isnull', False)), models.Q(('code__in', ['open_profile', 'follow_up']), ('charge__isnull', True)), _connector='OR'), name='messaging_outreach_has_one_charge_or_one_free_code')],
            },
        ),
        migrations.CreateModel(
            name='Participation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('conversation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participations', to='messaging.conversation')),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participations', to=settings.AUTH_USER_MODEL)),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('tray', models.CharField(choices=[('requests', 'Requests'), ('inbox', 'Inbox'), ('archive', 'Archive'), ('spam', 'Spam')], default='inbox', max_length=8)),
                ('last_message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.message')),
                ('last_message_at', models.DateTimeField(blank=True, null=True)),
                ('coming_message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.message')),
                ('coming_at', models.DateTimeField(blank=True, null=True)),
                ('coming_tray', models.CharField(blank=True, choices=[('requests', 'Requests'), ('inbox', 'Inbox'), ('archive', 'Archive'), ('spam', 'Spam')], max_length=8)),
                ('read_through', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'participation',
                'verbose_name_plural': 'participations',
                'indexes': [models.Index(fields=['member', 'tray', '-last_message_at', '-id'], name='messaging_tray')],
                'constraints': [models.UniqueConstraint(fields=('conversation', 'member'), name='messaging_one_side_per_member'), models.UniqueConstraint(fields=('member', 'other'), name='messaging_one_side_per_pair')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='report', to='messaging.message')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports_made', to=settings.AUTH_USER_MODEL)),
                ('reason', models.CharField(choices=[('spam', 'Spam'), ('misleading', 'Misleading'), ('purpose', 'False purpose'), ('harassment', 'Harassment'), ('scam', 'Scam'), ('repeated', 'Repeated contact'), ('other', 'Something else')], max_length=10)),
                ('words', models.TextField(blank=True, max_length=1000)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('body', models.TextField(blank=True)),
                ('text_hash', models.CharField(max_length=64)),
                ('reported_at', models.DateTimeField(verbose_name='reported')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='messaging.case')),
            ],
            options={
                'verbose_name': 'report',
                'verbose_name_plural': 'reports',
            },
        ),
        migrations.CreateModel(
            name='TextReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('writer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='text_readings', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='messaging.case')),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.message')),
                ('reason', models.CharField(choices=[('report', 'a report'), ('held', 'a message held for review'), ('alarm', 'an alarm'), ('appeal', 'an appeal')], max_length=6)),
                ('note', models.CharField(max_length=500)),
                ('read_at', models.DateTimeField(verbose_name='read')),
            ],
            options={
                'verbose_name': 'reading of a text',
                'verbose_name_plural': 'readings of texts',
                'indexes': [models.Index(fields=['writer', '-read_at'], name='messaging_reading_of_writer')],
                'constraints': [models.CheckConstraint(condition=models.Q(('note', ''), _negated=True), name='messaging_a_reading_has_a_reason')],
            },
        ),
    ]
