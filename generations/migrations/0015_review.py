import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from generations.models import words


def know_words(apps, schema_editor):
    """SQLite made the table of pictures anew, and left its triggers behind."""
    words.install(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('generations', '0014_erasure'),
    ]

    operations = [
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('space', models.BigIntegerField()),
                ('verdict', models.CharField(choices=[('approve', 'Approve'), ('reject', 'Reject'), ('flag', 'Flag')], max_length=7)),
                ('reason', models.CharField(blank=True, choices=[('quality', 'Quality'), ('subject', 'Wrong subject'), ('text', 'Text errors'), ('people', 'People'), ('rights', 'Rights'), ('unsafe', 'Unsafe'), ('other', 'Other')], max_length=7)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='image',
            name='held_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='image',
            name='queued_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='image',
            name='review_holder',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='image',
            name='review_state',
            field=models.CharField(choices=[('pending', 'Pending'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('flagged', 'Flagged')], db_default='pending', default='pending', max_length=8),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('is_hidden', False), ('trashed_at', None)), fields=['space', 'review_state', 'sort_key'], name='image_review'),
        ),
        migrations.AddIndex(
            model_name='image',
            index=models.Index(condition=models.Q(('queued_at__isnull', False)), fields=['review_state', 'sort_key'], name='image_queued'),
        ),
        migrations.AddField(
            model_name='review',
            name='image',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='generations.image'),
        ),
        migrations.AddField(
            model_name='review',
            name='reviewer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['image', '-created_at'], name='review_trail'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('undone_at', None)), fields=['reviewer', '-created_at'], name='review_own_newest'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('verdict', 'approve'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='review_says_why'),
        ),
        migrations.RunPython(know_words, migrations.RunPython.noop),
    ]
